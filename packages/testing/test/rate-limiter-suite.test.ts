import type { RateLimiter } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testRateLimiter } from '../src/conformance/rate-limiter.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedRateLimiterBugs } from './planted-rate-limiter-bugs.ts'

/** The cases of the suite over a memory limiter that was changed, not run yet. */
function casesOver(change: (limiter: RateLimiter) => RateLimiter) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = []
  testRateLimiter({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createRateLimiter() {
      const clock = fakeClock()
      const limiter = change(memoryRateLimiter({ clock }))
      return {
        limiter,
        other: limiter,
        now: async () => clock.now().getTime(),
        timePasses: (ms) => clock.advance(ms),
        close: async () => {},
      }
    },
  })
  return cases
}

describe('testRateLimiter', () => {
  test('names each case once', () => {
    const names = casesOver((limiter) => limiter).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(Object.entries(plantedRateLimiterBugs))('goes red when %s', async (_, { caughtBy, plant }) => {
    const [found, ...more] = casesOver(plant).filter(({ name }) => name.includes(caughtBy))
    expect(more).toEqual([])
    await expect(found?.run()).rejects.toMatchObject({ name: 'AssertionError' })
  })
})
