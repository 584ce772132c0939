import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (file: string): string => readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8')
const listed = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, kind = '']) => kind).toSorted()

test('docs/events.md lists every kind of event', () => {
  const kinds = listed(read('packages/core/src/model/event.ts'), /readonly kind: '([\w.]+)'/g)
  expect(kinds.length).toBeGreaterThan(15)
  expect(listed(read('docs/events.md'), /^\| `([\w.]+)` \|/gm)).toEqual(kinds)
})
