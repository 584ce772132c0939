import { memoryCache } from '@syncline/core/memory'
import { fakeClock, testCache } from '@syncline/testing'
import { describe, expect, test } from 'vitest'

testCache({
  describe,
  test,
  async createCache() {
    const clock = fakeClock()
    const cache = memoryCache({ clock })
    return { cache, other: cache, timePasses: (ms) => clock.advance(ms), close: () => cache.close() }
  },
})

describe('memoryCache', () => {
  const ref = (externalId: string) => ({ connectorId: 'acme', resourceType: 'user', externalId })

  test('past maxEntries the one that was not looked at for longest is forgotten', async () => {
    const cache = memoryCache({ clock: fakeClock(), maxEntries: 2 })
    const keep = async (externalId: string): Promise<void> => {
      const found = await cache.lookUp(ref(externalId))
      if (found.kind === 'hit') return
      await cache.store({ ref: ref(externalId), ticket: found.ticket, value: externalId, ttlMs: 1_000 })
    }
    await keep('a')
    await keep('b')
    await keep('a')
    await keep('c')
    expect(await cache.lookUp(ref('a'))).toEqual({ kind: 'hit', value: 'a' })
    expect(await cache.lookUp(ref('c'))).toEqual({ kind: 'hit', value: 'c' })
    expect(await cache.lookUp(ref('b'))).toMatchObject({ kind: 'miss' })
  })
})
