import { setImmediate } from 'node:timers/promises'
import { redisCache } from '@syncline/adapter-redis'
import { createResourceCache, type Logger, type ResourceCache, systemClock } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import {
  outOfMemory,
  type RedisFault,
  readOnly,
  redisFaults,
} from '../../../test-support/redis/redis-faults.ts'
import { findRedis, type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'
import { majors, ready, type TestClient } from './clients.ts'

const file = findRedis()

/** A fault, and how that shows. */
interface Fault extends RedisFault {
  readonly settings?: readonly (readonly [string, string])[]
  readonly before?: (server: RedisServer) => Promise<unknown>
  /** What the log says while it lasts; absent where nothing fails. */
  readonly shows?: RegExp
}

const { killed, hung, flushed } = redisFaults

const faults: Readonly<Record<string, Fault>> = {
  killed: { ...killed, shows: /Redis does not serve the cache|did not answer/ },
  'killed, and restarted from an older snapshot': {
    ...killed,
    settings: [['appendonly', 'no']],
    before: (server) => server.command(['save']),
    shows: /Redis does not serve the cache|did not answer/,
  },
  hung: { ...hung, shows: /did not answer/ },
  flushed,
  'out of memory': { ...outOfMemory, shows: /OOM/ },
  'read-only': { ...readOnly, shows: /READONLY|replica/i },
}

const timeoutMs = 100
/** For a machine that is busy; without the timeout a call would wait for seconds. */
const slackMs = 400

/** Two processes over one upstream, whose values only grow: an older one is a smaller number. */
function createWorld(hosts: readonly ResourceCache<number>[]) {
  const truth = [1, 1, 1, 1]
  const acknowledged = [0, 0, 0, 0]
  const invalidatedBy = hosts.map(() => [0, 0, 0, 0])
  const slowest = { ms: 0 }
  const refOf = (key: number) => ({ connectorId: 'acme', resourceType: 'user', externalId: `u${key}` })
  const timed = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const began = performance.now()
    const answer = await call()
    slowest.ms = Math.max(slowest.ms, performance.now() - began)
    return answer
  }
  const world = {
    slowest,
    fetches: 0,
    async look(host: number, key: number): Promise<void> {
      const least = Math.max(acknowledged[key] ?? 0, invalidatedBy[host]?.[key] ?? 0)
      const value = await timed(async () =>
        hosts[host]?.getOrFetch(refOf(key), async () => {
          world.fetches += 1
          const now = truth[key] ?? 0
          await setImmediate()
          return now
        }),
      )
      expect(value).toBeGreaterThanOrEqual(least)
      expect(value).toBeLessThanOrEqual(truth[key] ?? 0)
    },
    async change(host: number, key: number): Promise<boolean> {
      const version = (truth[key] = (truth[key] ?? 0) + 1)
      const own = invalidatedBy[host] ?? []
      own[key] = version
      const done = (await timed(async () => hosts[host]?.invalidate(refOf(key)))) ?? false
      if (done) acknowledged[key] = Math.max(acknowledged[key] ?? 0, version)
      return done
    },
    async rounds(count: number): Promise<void> {
      for (let round = 0; round < count; round++) {
        const looks = [0, 1, 2, 3].flatMap((key) => hosts.map((_, host) => world.look(host, key)))
        const changes = round % 3 === 0 ? [world.change(round % hosts.length, round % truth.length)] : []
        await Promise.all([...looks, ...changes])
        await Promise.all([0, 1, 2, 3].flatMap((key) => hosts.map((_, host) => world.look(host, key))))
      }
    },
  }
  return world
}

/** A process with a cache of its own, and what it logged. */
function createHost(client: TestClient): { readonly cache: ResourceCache<number>; readonly said: string[] } {
  const said: string[] = []
  const log: Logger['warn'] = (fields, message) => {
    const error = 'error' in fields && fields.error instanceof Error ? fields.error.message : ''
    said.push(`${message} ${error}`)
  }
  const logger = { debug: log, info: log, warn: log, error: log }
  const cache = createResourceCache<number>({
    cache: redisCache({ client }),
    clock: systemClock,
    random: Math.random,
    logger,
    timeoutMs,
  })
  return { cache, said }
}

describe.skipIf(file === undefined).each(majors)('%s', (_, open) => {
  describe.each(Object.entries(faults))('a server that is %s', (_name, fault) => {
    test('costs a call the timeout at most, and never makes a cache answer wrongly', async () => {
      const server = await startRedis(file ?? '', fault.settings)
      const clients = await Promise.all([open(server.url), open(server.url)].map(ready))
      const hosts = clients.map(createHost)
      const world = createWorld(hosts.map(({ cache }) => cache))
      try {
        await world.rounds(3)
        await fault.before?.(server)
        await world.change(0, 1)
        await world.rounds(1)

        await fault.begin(server)
        await world.rounds(6)
        const said = hosts.flatMap((host) => host.said).join('\n')
        if (fault.shows) expect(said).toMatch(fault.shows)
        else expect(said).toBe('')

        await fault.end(server)
        await expect.poll(() => world.change(1, 2), { timeout: 10_000 }).toBe(true)
        await world.rounds(6)
        expect(world.slowest.ms).toBeLessThan(timeoutMs + slackMs)
        await cachesAgain(world)
      } finally {
        await Promise.all(hosts.map(({ cache }) => cache.close()))
        for (const client of clients) client.disconnect()
        await server.stop()
      }
    })
  })
})

async function cachesAgain(world: ReturnType<typeof createWorld>): Promise<void> {
  await expect
    .poll(
      async () => {
        const before = world.fetches
        await Promise.all([world.look(0, 3), world.look(1, 3)])
        return world.fetches - before
      },
      { timeout: 15_000 },
    )
    .toBe(0)
}
