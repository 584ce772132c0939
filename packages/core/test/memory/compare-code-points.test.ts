import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareCodePoints } from '../../src/memory/compare-code-points.ts'

test('strings are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '👩'),
  })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right))
      expect(Math.sign(compareCodePoints(left, right))).toBe(bytes)
    }),
  )
})
