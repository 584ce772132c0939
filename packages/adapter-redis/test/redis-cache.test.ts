import { setImmediate } from 'node:timers/promises'
import { openRedisCache, redisCache } from '@syncline/adapter-redis'
import type { ResourceRef } from '@syncline/core'
import { testCache } from '@syncline/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findRedis, type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'
import { majors, ready, type TestClient } from './clients.ts'

const file = findRedis()
let server: RedisServer
beforeAll(async () => {
  if (file !== undefined) server = await startRedis(file)
})
afterAll(() => server?.stop())

/** Brings the end of every key nearer, as time would. */
async function age(client: TestClient, ms: number): Promise<void> {
  for (const key of (await client.call('KEYS', '*')) as string[]) {
    const leftMs = Number(await client.call('PTTL', key))
    if (leftMs > ms) await client.call('PEXPIRE', key, leftMs - ms)
    else if (leftMs >= 0) await client.call('DEL', key)
  }
}

describe.skipIf(file === undefined).each(majors)('%s', (_, open) => {
  testCache({
    describe,
    test,
    async createCache() {
      const [client, another] = await Promise.all([open(server.url), open(server.url)].map(ready))
      await client?.call('FLUSHALL')
      if (!client || !another) throw new Error('no clients')
      const [cache, other] = [redisCache({ client }), redisCache({ client: another })]
      return {
        cache,
        other,
        timePasses: (ms) => age(client, ms),
        async close() {
          await Promise.all([cache.close(), other.close()])
          client.disconnect()
          another.disconnect()
        },
      }
    },
  })

  describe('redisCache', () => {
    let client: TestClient
    beforeEach(async () => {
      client = await ready(open(server.url))
      await client.call('FLUSHALL')
      return () => client.disconnect()
    })
    const ada: ResourceRef = { connectorId: 'acme', resourceType: 'user', externalId: 'ada' }
    const keep = async (ref: ResourceRef, value: string, cache = redisCache({ client })): Promise<void> => {
      const found = await cache.lookUp(ref)
      if (found.kind === 'miss') await cache.store({ ref, ticket: found.ticket, value, ttlMs: 60_000 })
    }

    test('keys are cr:{connectorId}:{resourceType}:{externalId}', async () => {
      await keep({ ...ada, externalId: 'urn:x:1' }, '1')
      expect(await client.call('EXISTS', 'cr:acme:user:urn:x:1')).toBe(1)
    })

    test('every key ends by itself', async () => {
      await keep(ada, '1')
      const keys = (await client.call('KEYS', '*')) as string[]
      expect(keys.toSorted()).toEqual(['cr:acme', 'cr:acme:user', 'cr:acme:user:ada'])
      for (const key of keys) expect(Number(await client.call('PTTL', key))).toBeGreaterThan(0)
    })

    test('a hit is one MGET, a miss one script more', async () => {
      const commandsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
        await client.call('CONFIG', 'RESETSTAT')
        await work()
        const stats = await client.info('commandstats')
        return [...stats.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)]
          .map(([, name = '', calls = '']) => `${name} ${calls}`)
          .filter((line) => !/^(config|info)/.test(line))
      }
      const cache = redisCache({ client })
      await keep(ada, '1', cache)
      expect(await commandsOf(() => cache.lookUp(ada))).toEqual(['mget 1'])
      const missed = await commandsOf(() => cache.lookUp({ ...ada, externalId: 'grace' }))
      expect(missed.filter((line) => /^(mget|evalsha|eval)\b/.test(line)).toSorted()).toEqual([
        'evalsha 1',
        'mget 1',
      ])
    })

    test('look-ups made at the same time share one MGET, each with its own answer', async () => {
      const cache = redisCache({ client })
      const refs = Array.from({ length: 450 }, (_ref, n) => ({ ...ada, externalId: `u${n}` }))
      for (const ref of refs) await keep(ref, ref.externalId, cache)
      await client.call('CONFIG', 'RESETSTAT')
      const found = await Promise.all(refs.map((ref) => cache.lookUp(ref)))
      expect(found).toEqual(refs.map(({ externalId }) => ({ kind: 'hit', value: externalId })))
      expect(/cmdstat_mget:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]).toBe('3')
    })

    test('forgetting a type or a connector deletes one key, whatever is kept below it', async () => {
      const cache = redisCache({ client })
      for (let n = 0; n < 500; n++) await keep({ ...ada, externalId: `u${n}` }, '1', cache)
      for (const target of [{ connectorId: 'acme', resourceType: 'user' }, { connectorId: 'acme' }]) {
        await client.call('CONFIG', 'RESETSTAT')
        await cache.invalidate(target)
        const stats = await client.info('commandstats')
        expect(/cmdstat_del:calls=(\d+)/.exec(stats)?.[1]).toBe('1')
        expect(stats).not.toMatch(/cmdstat_(scan|keys|unlink|eval)/)
      }
      expect(await cache.lookUp({ ...ada, externalId: 'u7' })).toMatchObject({ kind: 'miss' })
    })

    test('works again after the scripts were flushed', async () => {
      const cache = redisCache({ client })
      await keep(ada, '1', cache)
      await client.call('SCRIPT', 'FLUSH')
      await keep({ ...ada, externalId: 'grace' }, '2', cache)
      expect(await cache.lookUp({ ...ada, externalId: 'grace' })).toEqual({ kind: 'hit', value: '2' })
    })

    test('what others wrote under a key is no value', async () => {
      await keep(ada, '1')
      for (const text of ['', '=', '{"name":"Mallory"}', '=x y z']) {
        await client.call('SET', 'cr:acme:user:ada', text)
        expect(await redisCache({ client }).lookUp(ada)).toMatchObject({ kind: 'miss' })
      }
    })

    test('prefixes keep kinds of values apart', async () => {
      await keep(ada, '1')
      expect(await redisCache({ client, prefix: 'mine' }).lookUp(ada)).toMatchObject({ kind: 'miss' })
    })

    test('a client of the host’s is never closed, and nothing stays on it', async () => {
      const counts = (): number => (client as unknown as NodeJS.EventEmitter).listenerCount('close')
      const before = counts()
      const cache = redisCache({ client })
      await cache.lookUp(ada)
      await cache.close()
      expect([await client.call('PING'), counts()]).toEqual(['PONG', before])
    })

    test('while the client is not connected a call fails at once, and nothing waits in its queue', async () => {
      const lost = open('redis://127.0.0.1:1')
      const cache = redisCache({ client: lost })
      const calls = [cache.lookUp(ada), cache.invalidate(ada)].map((call) =>
        Promise.race([call, setImmediate('waited')]),
      )
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' })
      expect((lost as unknown as { offlineQueue: { length: number } }).offlineQueue).toHaveLength(0)
      lost.disconnect()
    })

    test('a client of a cluster is refused', () => {
      const cluster = { ...client, isCluster: true } as unknown as TestClient
      expect(() => redisCache({ client: cluster })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      )
    })

    test('CACHE_UNAVAILABLE carries nothing of what was to be stored', async () => {
      const cache = redisCache({ client })
      const found = await cache.lookUp(ada)
      await client.call('CONFIG', 'SET', 'maxmemory', '1')
      const entry = {
        ref: ada,
        ticket: found.kind === 'miss' ? found.ticket : '',
        value: 'private',
        ttlMs: 1_000,
      }
      const error: unknown = await cache.store(entry).catch((thrown: unknown) => thrown)
      await client.call('CONFIG', 'SET', 'maxmemory', '0')
      expect(error).toMatchObject({ code: 'CACHE_UNAVAILABLE' })
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('private')
    })
  })
})

describe.skipIf(file === undefined)('openRedisCache', () => {
  test('close ends its own connection', async () => {
    const cache = await openRedisCache({ url: server.url })
    const ref = { connectorId: 'own', resourceType: 'user', externalId: 'ada' }
    expect(await cache.lookUp(ref)).toMatchObject({ kind: 'miss' })
    expect(await server.command(['client', 'list'])).toContain('name=syncline')
    await cache.close()
    await expect.poll(() => server.command(['client', 'list'])).not.toContain('name=syncline')
    await expect(cache.lookUp(ref)).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' })
  })

  test.each([
    ['away', () => server.kill(), () => server.restart()],
    ['hung', async () => server.hang(), async () => server.goOn()],
  ])('a server that is %s is no error, and is used once it is back', async (_name, lose, bringBack) => {
    await lose()
    const cache = await openRedisCache({ url: server.url })
    await expect(cache.invalidate({ connectorId: 'a' })).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' })
    await bringBack()
    const works = () =>
      cache.invalidate({ connectorId: 'a' }).then(
        () => true,
        () => false,
      )
    await expect.poll(works, { timeout: 10_000 }).toBe(true)
    await cache.close()
  })
})
