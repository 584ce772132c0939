import { describe, expect, test } from 'vitest'
import { staggeredTick } from '../../src/scheduling/staggered-tick.ts'

const after = new Date('2026-01-01T00:00:30.000Z')
const hourly = (connectorId: string, cronSchedule = '0 * * * *') => ({
  connectorId,
  resourceType: 'user',
  cronSchedule,
})
const tick = Date.parse('2026-01-01T01:00:00.000Z')

describe('staggeredTick', () => {
  test('is the tick, later by a span of the scope’s own below the maximum', () => {
    const spans = Array.from({ length: 90 }, (_, number) => {
      const at = staggeredTick(hourly(`c${number}`), after, 60_000)
      return (at?.getTime() ?? 0) - tick
    })
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...spans)).toBeLessThan(60_000)
    // Spread over the whole minute: every ten seconds have some.
    const tenths = new Set(spans.map((ms) => Math.floor(ms / 10_000)))
    expect(tenths.size).toBe(6)
  })

  test('is always the same for a scope', () => {
    expect(staggeredTick(hourly('c'), after, 60_000)).toEqual(staggeredTick(hourly('c'), after, 60_000))
  })

  test('is later by at most a tenth of the time between two ticks', () => {
    for (let number = 0; number < 50; number++) {
      const at = staggeredTick(hourly(`c${number}`, '* * * * *'), after, 60_000)
      expect((at?.getTime() ?? 0) - Date.parse('2026-01-01T00:01:00.000Z')).toBeLessThan(6_000)
    }
  })

  test('is the tick itself where nothing may be staggered', () => {
    expect(staggeredTick(hourly('c'), after, 0)).toEqual(new Date(tick))
  })

  test('reads the schedule in its time zone', () => {
    const tokyo = { ...hourly('c', '0 9 * * *'), cronTimeZone: 'Asia/Tokyo' }
    expect(staggeredTick(tokyo, after, 0)).toEqual(new Date('2026-01-02T00:00:00.000Z'))
  })
})
