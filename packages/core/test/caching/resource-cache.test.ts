import { createResourceCache, type Logger, type ResourceCacheOptions } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import { describe, expect, test, vi } from 'vitest'
import { breakableCache } from './breakable-cache.ts'

const ada = { connectorId: 'acme', resourceType: 'user', externalId: 'ada' }
const grace = { ...ada, externalId: 'grace' }
const targets = [
  ['resource', ada],
  ['type', { connectorId: 'acme', resourceType: 'user' }],
  ['connector', { connectorId: 'acme' }],
] as const

const silent = () => vi.fn<Logger['warn']>()

function stage(options: Partial<ResourceCacheOptions> = {}) {
  const clock = fakeClock()
  const cache = breakableCache(clock)
  const log = { debug: silent(), info: silent(), warn: silent(), error: silent() }
  const open = () => createResourceCache<unknown>({ cache, clock, random: () => 0, logger: log, ...options })
  return { clock, cache, log, open, resources: open() }
}

/** A fetch that ends when it is told to. */
function slowFetch() {
  const asked: PromiseWithResolvers<string | null>[] = []
  return {
    asked,
    fetch: () => {
      const answer = Promise.withResolvers<string | null>()
      asked.push(answer)
      return answer.promise
    },
  }
}
const never = async (): Promise<never> => {
  throw new Error('fetched')
}

describe('getOrFetch', () => {
  test('a hit is the value that was fetched; a miss is fetched', async () => {
    const { resources } = stage()
    expect(await resources.getOrFetch(ada, async () => ({ name: 'Ada', tags: ['é'] }))).toEqual({
      name: 'Ada',
      tags: ['é'],
    })
    expect(await resources.getOrFetch(ada, never)).toEqual({ name: 'Ada', tags: ['é'] })
  })

  test('null is returned and not stored', async () => {
    const { resources } = stage()
    expect(await resources.getOrFetch(ada, async () => null)).toBeNull()
    expect(await resources.getOrFetch(ada, async () => 'there now')).toBe('there now')
  })

  test('what a fetch throws reaches all who share it and is not kept', async () => {
    const { resources } = stage()
    const asked = [1, 2].map(() => resources.getOrFetch(ada, never))
    for (const one of asked) await expect(one).rejects.toThrow('fetched')
    expect(await resources.getOrFetch(ada, async () => 'works')).toBe('works')
  })

  test.each(['works', 'fails', 'hangs'] as const)(
    'callers of one resource share one fetch while the cache %s',
    async (state) => {
      const { resources, cache, clock } = stage()
      cache.state = state
      const { asked, fetch } = slowFetch()
      const callers = Array.from({ length: 50 }, () => resources.getOrFetch(ada, fetch))
      await clock.advance(0)
      await clock.advance(100)
      callers.push(resources.getOrFetch(ada, fetch))
      await clock.advance(0)
      await clock.advance(100)
      expect(asked).toHaveLength(1)
      asked[0]?.resolve('once')
      expect(new Set(await Promise.all(callers))).toEqual(new Set(['once']))
    },
  )

  test('resources do not share fetches', async () => {
    const { resources } = stage()
    expect(
      await Promise.all([ada, grace].map((ref) => resources.getOrFetch(ref, async () => ref.externalId))),
    ).toEqual(['ada', 'grace'])
  })

  test('nobody fetches again while the value is being stored', async () => {
    const { resources, cache, clock } = stage()
    const { asked, fetch } = slowFetch()
    const first = resources.getOrFetch(ada, fetch)
    await clock.advance(0)
    cache.state = 'hangs'
    asked[0]?.resolve('value')
    expect(await first).toBe('value')
    cache.state = 'works'
    expect(await resources.getOrFetch(ada, never)).toBe('value')
  })

  test('without a cache each look-up fetches, callers at the same time share one fetch', async () => {
    const { resources } = stage({ cache: undefined })
    const fetch = vi.fn<() => Promise<string>>(async () => 'value')
    await Promise.all([resources.getOrFetch(ada, fetch), resources.getOrFetch(ada, fetch)])
    await resources.getOrFetch(ada, fetch)
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(await resources.invalidate(ada)).toBe(true)
  })

  test('a value is served for ttlMs, of which jitter takes away at most a tenth', async () => {
    for (const [random, livesMs] of [
      [0, 300_000],
      [1, 270_000],
    ] as const) {
      const { resources, clock } = stage({ random: () => random })
      await resources.getOrFetch(ada, async () => 'old')
      await clock.advance(livesMs - 1)
      expect(await resources.getOrFetch(ada, never)).toBe('old')
      await clock.advance(1)
      expect(await resources.getOrFetch(ada, async () => 'new')).toBe('new')
    }
  })

  test.each([{ ttlMs: 0 }, { ttlMs: 86_400_001 }, { timeoutMs: 0.5 }])(
    'OPTIONS_INVALID for %o',
    (options) => {
      expect(() => stage(options)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
    },
  )
})

describe('invalidate', () => {
  test.each(targets)('of a %s: the next look-up fetches', async (_, target) => {
    const { resources } = stage()
    await resources.getOrFetch(ada, async () => 'old')
    expect(await resources.invalidate(target)).toBe(true)
    expect(await resources.getOrFetch(ada, async () => 'new')).toBe('new')
  })

  test.each(targets)(
    'of a %s, by any process: nobody joins or keeps a fetch that began before',
    async (_, target) => {
      for (const byAnother of [false, true]) {
        const { resources, open } = stage()
        const { asked, fetch } = slowFetch()
        const early = resources.getOrFetch(ada, fetch)
        await vi.waitFor(() => expect(asked).toHaveLength(1))
        await (byAnother ? open() : resources).invalidate(target)
        const late = resources.getOrFetch(ada, fetch)
        await vi.waitFor(() => expect(asked).toHaveLength(2))
        asked[1]?.resolve('new')
        expect(await late).toBe('new')
        asked[0]?.resolve('old')
        expect(await early).toBe('old')
        expect(await resources.getOrFetch(ada, never)).toBe('new')
      }
    },
  )

  test('without a cache too, nobody joins a fetch that began before', async () => {
    const { resources } = stage({ cache: undefined })
    const { asked, fetch } = slowFetch()
    void resources.getOrFetch(ada, fetch)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    await resources.invalidate(ada)
    const late = resources.getOrFetch(ada, fetch)
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    asked[1]?.resolve('new')
    expect(await late).toBe('new')
  })

  test.each(targets)(
    'of a %s that is not acknowledged: this process serves no older value and tries again every second',
    async (_, target) => {
      const { resources, open, cache, clock } = stage()
      const another = open()
      await resources.getOrFetch(ada, async () => 'old')
      cache.state = 'hangs'
      const invalidated = resources.invalidate(target)
      await clock.advance(100)
      expect(await invalidated).toBe(false)

      cache.state = 'works'
      expect(await resources.getOrFetch(ada, async () => 'new')).toBe('new')
      expect(await another.getOrFetch(ada, never), 'others may until then').toBe('old')
      await clock.advance(1_000)
      expect(await another.getOrFetch(ada, async () => 'newer')).toBe('newer')
      expect(await resources.getOrFetch(ada, never)).toBe('newer')
      expect(clock.timers).toBe(0)
    },
  )

  test('what was not acknowledged is tried until older values have expired', async () => {
    const { resources, cache, clock } = stage()
    cache.state = 'fails'
    expect(await resources.invalidate(ada)).toBe(false)
    await clock.advance(359_000)
    expect(clock.timers).toBe(1)
    await clock.advance(2_000)
    expect(clock.timers).toBe(0)
  })

  test('very many that are not acknowledged become their type', async () => {
    const { resources, cache, clock, open } = stage()
    await resources.getOrFetch({ ...ada, externalId: 'u5' }, async () => 'old')
    cache.state = 'fails'
    for (let n = 0; n < 1_500; n++) await resources.invalidate({ ...ada, externalId: `u${n}` })
    cache.state = 'works'
    cache.calls.length = 0
    await clock.advance(1_000)
    expect(cache.calls.length).toBeLessThan(1_001)
    expect(await open().getOrFetch({ ...ada, externalId: 'u5' }, async () => 'new')).toBe('new')
    await clock.advance(0)
    expect(clock.timers).toBe(0)
  })

  test('one that is acknowledged does not settle a later one that is not', async () => {
    const { resources, cache, clock } = stage()
    await resources.getOrFetch(ada, async () => 'old')
    const first = resources.invalidate(ada)
    cache.state = 'hangs'
    const second = resources.invalidate(ada)
    await clock.advance(100)
    expect([await first, await second]).toEqual([true, false])
    cache.state = 'works'
    await resources.getOrFetch(ada, async () => 'new')
    expect(cache.calls.filter((name) => name === 'store')).toHaveLength(1)
    await resources.close()
  })
})

describe('a broken cache', () => {
  test('a call waits for it no longer than timeoutMs', async () => {
    const { resources, cache, clock } = stage()
    cache.state = 'hangs'
    const asked = resources.getOrFetch(ada, async () => 'value')
    let answered: unknown
    void asked.then((value) => {
      answered = value
      return value
    })
    await clock.advance(99)
    expect(answered).toBeUndefined()
    await clock.advance(1)
    expect(await asked).toBe('value')
  })

  test('after three calls without an answer only one in five seconds waits for one', async () => {
    const { resources, cache, clock, log } = stage()
    cache.state = 'hangs'
    const look = async (): Promise<void> => {
      const asked = resources.getOrFetch(ada, async () => 'value')
      await clock.advance(0)
      await clock.advance(100)
      await asked
    }
    for (let n = 0; n < 20; n++) await look()
    expect(cache.calls).toHaveLength(3)
    await clock.advance(5_000)
    for (let n = 0; n < 20; n++) await look()
    expect(cache.calls).toHaveLength(4)

    cache.state = 'works'
    await clock.advance(5_000)
    await look()
    expect(await resources.getOrFetch(ada, never)).toBe('value')
    expect([log.warn.mock.calls.length, log.info.mock.calls.length]).toEqual([1, 1])
  })

  test('an invalidation is tried even then', async () => {
    const { resources, cache, clock } = stage()
    cache.state = 'hangs'
    for (let n = 0; n < 3; n++) {
      const asked = resources.getOrFetch(ada, async () => 'value')
      await clock.advance(100)
      await asked
    }
    cache.state = 'works'
    expect(await resources.invalidate(ada)).toBe(true)
  })

  test('one that fails at once is asked each time, for it delays nobody', async () => {
    const { resources, cache } = stage()
    cache.state = 'fails'
    for (let n = 0; n < 10; n++) await resources.getOrFetch(ada, async () => 'value')
    expect(cache.calls).toHaveLength(10)
    cache.state = 'works'
    await resources.getOrFetch(ada, async () => 'value')
    expect(await resources.getOrFetch(ada, never)).toBe('value')
  })

  test('text that is no JSON is no value', async () => {
    const { resources, cache } = stage()
    const found = await cache.lookUp(ada)
    if (found.kind === 'miss') await cache.store({ ref: ada, ticket: found.ticket, value: '{', ttlMs: 1_000 })
    expect(await resources.getOrFetch(ada, async () => 'value')).toBe('value')
  })
})

test('close ends the retries and leaves no timer behind', async () => {
  const { resources, cache, clock } = stage()
  await resources.getOrFetch(ada, async () => 'value')
  cache.state = 'fails'
  await resources.invalidate(ada)
  await resources.close()
  expect(clock.timers).toBe(0)
})
