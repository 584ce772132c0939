import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../src/time/backoff.ts'

describe('backoffMs', () => {
  test('doubles from one second', () => {
    const waits = [1, 2, 3, 4].map((attempt) => backoffMs({ attempt, random: () => 1 }))
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000])
  })

  test('jitter takes away at most half', () => {
    const waits = [1, 2, 3, 4].map((attempt) => backoffMs({ attempt, random: () => 0 }))
    expect(waits).toEqual([500, 1_000, 2_000, 4_000])
    expect(backoffMs({ attempt: 1, random: () => 0.5 })).toBe(750)
  })

  test('base and cap can be chosen', () => {
    expect(backoffMs({ attempt: 3, random: () => 1, baseMs: 10 })).toBe(40)
    expect(backoffMs({ attempt: 30, random: () => 1, capMs: 5_000 })).toBe(5_000)
  })

  test('however many attempts, the wait stays between half the cap and the cap', () => {
    const requests = fc.record({
      attempt: fc.integer({ min: 7, max: 1_000_000 }),
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(requests, ({ attempt, chance }) => {
        const ms = backoffMs({ attempt, random: () => chance })
        expect(ms).toBeGreaterThanOrEqual(30_000)
        expect(ms).toBeLessThanOrEqual(60_000)
      }),
    )
  })
})
