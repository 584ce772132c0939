import type { Cache } from '@syncline/core'
import { memoryCache } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testCache } from '../src/conformance/cache.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedCacheBugs } from './planted-cache-bugs.ts'

/** The cases of the suite over a memory cache that was changed, not run yet. */
function casesOver(change: (cache: Cache) => Partial<Cache>) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = []
  testCache({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createCache() {
      const clock = fakeClock()
      const inner = memoryCache({ clock })
      const cache = { ...inner, ...change(inner) }
      return { cache, other: cache, timePasses: (ms) => clock.advance(ms), close: async () => {} }
    },
  })
  return cases
}

describe('testCache', () => {
  test('names each case once', () => {
    const names = casesOver(() => ({})).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(Object.entries(plantedCacheBugs))('goes red when %s', async (_, { caughtBy, plant }) => {
    const [found, ...more] = casesOver(plant).filter(({ name }) => name.includes(caughtBy))
    expect(more).toEqual([])
    await expect(found?.run()).rejects.toMatchObject({ name: 'AssertionError' })
  })
})
