import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const printed: Readonly<Record<string, string>> = {
  // Parts of the next one, which runs them.
  'examples/custom-connector/acme-connector.ts': '',
  'examples/custom-connector/acme-vendor.ts': '',
  'examples/custom-connector/custom-connector.ts': `first: success, full, 5 added, 0 updated, 0 unchanged, 3 pages
one changed: success, incremental, 0 added, 1 updated, 0 unchanged, 1 pages
teams with their members: success, full, 1 added, 0 updated, 0 unchanged, 1 pages
Everyone ["1","2","3","4","5"]
`,
  'examples/change-feed/change-feed.ts': `first sync
  1 created 1
  2 created 2
  3 created 3
one renamed, one gone
  4 updated 2
  5 staled 3
nothing happened
`,
}

test.each(globSync('examples/*/*.ts', { cwd: root }))(
  '%s runs and prints what it should',
  async (example) => {
    const { stdout } = await run(process.execPath, ['--conditions=@syncline/source', join(root, example)])
    expect(stdout).toBe(printed[example])
  },
)

test('a connector for a new API with OAuth, limits and incremental listing takes at most 60 lines', () => {
  const lines = readFileSync(join(root, 'examples/custom-connector/acme-connector.ts'), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThanOrEqual(60)
})
