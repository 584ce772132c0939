import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitsSchema } from '../../src/sync/limits.ts'

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name = '', value = '']) => [name, value]),
)

/** Limits without a number of their own. */
const computed = ['maxRecords', 'maxPageRecords']

test('docs/limits.md lists every limit with its default', () => {
  const defaults = limitsSchema.parse({})
  expect([...rows.keys()].toSorted()).toEqual([...Object.keys(defaults), ...computed].toSorted())
  for (const [name, value] of Object.entries(defaults)) {
    const written = (rows.get(name) ?? '').replace(/ \(.*/, '').replaceAll('_', '')
    expect([name, written]).toEqual([name, Array.isArray(value) ? `[${value.join(', ')}]` : String(value)])
  }
})
