import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const printed: Readonly<Record<string, string>> = {
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
