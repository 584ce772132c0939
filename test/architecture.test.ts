import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const manifest = (name: string) =>
  z
    .object({
      dependencies: z.record(z.string(), z.string()).default({}),
      scripts: z.record(z.string(), z.string()),
    })
    .parse(JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))

test('imports follow the dependency rule of ARCHITECTURE.md', async () => {
  const { stdout } = await run('depcruise', ['packages', 'examples'], { cwd: root })
  expect(stdout).toContain('no dependency violations found')
})

test('core depends on zod, p-limit and croner only', () => {
  expect(Object.keys(manifest('core').dependencies).toSorted()).toEqual(['croner', 'p-limit', 'zod'])
})

test('no package of ours runs a script when it is installed', () => {
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const [, name = ''] = file.split('/')
    const scripts = Object.keys(manifest(name).scripts)
    expect(scripts.filter((script) => /install|prepare/.test(script))).toEqual([])
  }
})

test('ARCHITECTURE.md stays within 200 lines', () => {
  expect(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(200)
})
