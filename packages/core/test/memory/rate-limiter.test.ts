import { memoryRateLimiter } from '@syncline/core/memory'
import { fakeClock, testRateLimiter } from '@syncline/testing'
import { describe, expect, test } from 'vitest'

testRateLimiter({
  describe,
  test,
  async createRateLimiter() {
    const clock = fakeClock()
    const limiter = memoryRateLimiter({ clock })
    return {
      limiter,
      other: limiter,
      now: async () => clock.now().getTime(),
      timePasses: (ms) => clock.advance(ms),
      async close() {},
    }
  },
})

describe('memoryRateLimiter', () => {
  const limits = { windows: [{ limit: 1, perMs: 1_000 }] }

  test('a clock that is set back neither frees a place nor holds anyone for longer', async () => {
    const clock = fakeClock()
    let shiftMs = 0
    const shifted = { ...clock, now: () => new Date(clock.now().getTime() + shiftMs) }
    const limiter = memoryRateLimiter({ clock: shifted })
    await (await limiter.acquire({ key: 'k', limits })).release()
    shiftMs = -3_600_000
    const next = limiter.acquire({ key: 'k', limits })
    await clock.advance(2)
    await clock.advance(999)
    expect((await next).waitedMs).toBe(1_001)
  })

  test('leaves no timer behind', async () => {
    const clock = fakeClock()
    const limiter = memoryRateLimiter({ clock })
    const ending = new AbortController()
    const first = await limiter.acquire({ key: 'k', limits, maxWaitMs: 5_000 })
    await first.release()
    const second = limiter.acquire({ key: 'k', limits, maxWaitMs: 5_000 })
    const third = limiter.acquire({ key: 'k', limits, signal: ending.signal })
    ending.abort(new Error('enough'))
    await expect(third).rejects.toThrow('enough')
    await clock.advance(1_001)
    await (await second).release()
    expect(clock.timers + clock.sleepers).toBe(0)
  })
})
