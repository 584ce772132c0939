import { isSyncError, type PermitRequest } from '@syncline/core'
import { fakeClock, testRateLimiter } from '@syncline/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findRedis, type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'
import { limitScripts } from '../src/limits/limit-scripts.ts'
import { composeLimiter, type RedisRateLimiterOptions } from '../src/limits/redis-rate-limiter.ts'
import { majors, ready, type TestClient } from './clients.ts'

const file = findRedis()
let server: RedisServer
beforeAll(async () => {
  if (file !== undefined) server = await startRedis(file)
})
afterAll(() => server?.stop())

const stepMs = 5
const startAt = 1_700_000_000_000

/** Limiters of several processes on one server, all in a time that only moves when it is told to. */
async function limiterStage(
  open: (url: string) => TestClient,
  options: Partial<RedisRateLimiterOptions> = {},
) {
  const clock = fakeClock({ start: new Date(startAt) })
  const scripts = limitScripts("return redis.call('GET', 'now')")
  const clients: TestClient[] = []
  let asked = 0
  /** The client, counting what goes through it, so that one can tell when nothing does any more. */
  const counted = (client: TestClient): TestClient =>
    new Proxy(client, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name, target)
        if (typeof found !== 'function') return found
        return (...given: unknown[]): unknown => {
          if (name === 'evalsha' || name === 'eval') asked += 1
          return Reflect.apply(found, target, given)
        }
      },
    })
  const control = await ready(open(server.url))
  await control.call('FLUSHALL')
  await control.call('SET', 'now', startAt)
  const settle = async (): Promise<void> => {
    for (let before = -1; before !== asked; ) {
      before = asked
      for (const client of clients) await client.call('PING').catch(() => undefined)
      await clock.advance(0)
    }
  }
  const create = async (more: Partial<RedisRateLimiterOptions> = {}) => {
    const client = await ready(open(server.url))
    clients.push(client)
    return composeLimiter({ client: counted(client), clock, ...options, ...more }, scripts)
  }
  return {
    clock,
    control,
    clients,
    create,
    async timePasses(ms: number) {
      await settle()
      for (let left = ms; left > 0; left -= stepMs) {
        const step = Math.min(stepMs, left)
        await control.call('INCRBY', 'now', step).catch(() => undefined)
        await clock.advance(step)
        await settle()
      }
    },
    async close() {
      for (const client of [control, ...clients]) client.disconnect()
    },
  }
}

describe.skipIf(file === undefined).each(majors)('%s', (_, open) => {
  testRateLimiter({
    describe,
    test,
    async createRateLimiter() {
      const stage = await limiterStage(open)
      const [limiter, other] = [await stage.create(), await stage.create()]
      return {
        limiter,
        other,
        now: async () => stage.clock.now().getTime(),
        timePasses: (ms) => stage.timePasses(ms),
        toleranceMs: 40,
        async close() {
          await Promise.all([limiter.close(), other.close()])
          await stage.close()
        },
      }
    },
  })
})

describe.skipIf(file === undefined)('redisRateLimiter', () => {
  const [, [, open]] = majors as [unknown, (typeof majors)[number]]
  const limits = { windows: [{ limit: 2, perMs: 1_000 }] }
  const ask = (
    limiter: { acquire: (request: PermitRequest) => Promise<unknown> },
    request: Partial<PermitRequest>,
  ) => {
    const asked = { started: false, error: undefined as unknown }
    limiter.acquire({ key: 'vendor', limits, ...request }).then(
      () => (asked.started = true),
      (error: unknown) => (asked.error = error),
    )
    return asked
  }

  test('requests of several processes start in the order in which they reached the server', async () => {
    const stage = await limiterStage(open)
    const [one, two] = [await stage.create(), await stage.create()]
    const spaced = { limits: { minSpacingMs: 100 } }
    const order: number[] = []
    for (const [index, limiter] of [one, one, one, two, two, one].entries()) {
      void limiter.acquire({ key: 'vendor', ...spaced }).then(() => order.push(index))
      await stage.timePasses(0)
    }
    await stage.timePasses(700)
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    await stage.close()
  })

  test('a process that is silent for three seconds loses its place in line', async () => {
    const stage = await limiterStage(open)
    const [one, dead, two] = [await stage.create(), await stage.create(), await stage.create()]
    const spaced = { limits: { concurrency: 1 } }
    const permit = await one.acquire({ key: 'vendor', ...spaced })
    const lost = ask(dead, spaced)
    await stage.timePasses(0)
    stage.clients[1]?.disconnect()
    const next = ask(two, spaced)
    await stage.timePasses(100)
    await permit.release()
    await stage.timePasses(2_500)
    expect(next.started).toBe(false)
    await stage.timePasses(700)
    expect(next.started).toBe(true)
    // It goes on alone meanwhile.
    expect(lost.started).toBe(true)
    await stage.close()
  })

  test('while Redis is away a process goes on alone, by what it has started so far', async () => {
    const stage = await limiterStage(open)
    const limiter = await stage.create()
    await (await limiter.acquire({ key: 'vendor', limits })).release()
    stage.clients[0]?.disconnect()
    const asked = [ask(limiter, {}), ask(limiter, {})]
    await stage.timePasses(990)
    expect(asked.map(({ started }) => started)).toEqual([true, false])
    await stage.timePasses(50)
    expect(asked.map(({ started }) => started)).toEqual([true, true])
    await stage.close()
  })

  test('of limits shared by many processes each takes its part while Redis is away', async () => {
    const stage = await limiterStage(open, { processes: 4 })
    const limiter = await stage.create()
    stage.clients[0]?.disconnect()
    const eight = { limits: { windows: [{ limit: 8, perMs: 1_000 }] } }
    const asked = Array.from({ length: 5 }, () => ask(limiter, eight))
    const heavy = ask(limiter, { ...eight, key: 'heavy', weight: 8 })
    await stage.timePasses(10)
    expect(asked.filter(({ started }) => started)).toHaveLength(2)
    expect(heavy.started).toBe(true)
    await stage.close()
  })

  test('after Redis has lost its data a process first tells what it has started', async () => {
    const stage = await limiterStage(open)
    const [one, two] = [await stage.create(), await stage.create()]
    await (await one.acquire({ key: 'vendor', limits })).release()
    const running = await one.acquire({ key: 'vendor', limits })
    await stage.control.call(
      'DEL',
      ...['places', 'permits', 'line', 'seen', 'facts'].map((part) => `rl:vendor:${part}`),
    )
    const asked = [ask(one, {})]
    await stage.timePasses(10)
    asked.push(ask(two, {}))
    await stage.timePasses(490)
    expect(asked.filter(({ started }) => started)).toHaveLength(0)
    await running.release()
    await stage.timePasses(560)
    expect(asked.filter(({ started }) => started)).toHaveLength(1)
    await stage.close()
  })

  test('a release that did not reach the server is told later, by itself', async () => {
    const stage = await limiterStage(open)
    const [one, two] = [await stage.create({ timeoutMs: 50 }), await stage.create()]
    const alone = { limits: { concurrency: 1 } }
    const permit = await one.acquire({ key: 'vendor', ...alone })
    const next = ask(two, alone)
    await stage.timePasses(0)
    const socket = (stage.clients[0] as unknown as { stream: NodeJS.EventEmitter & { destroy(): void } })
      .stream
    socket.destroy()
    await permit.release()
    await expect.poll(() => stage.clients[0]?.status).toBe('ready')
    await stage.timePasses(4_000)
    expect(next.started).toBe(true)
    await stage.close()
  })

  test('a request that was refused while nobody knew whether it had started takes no place', async () => {
    const stage = await limiterStage(open)
    const [one, two] = [await stage.create({ timeoutMs: 50 }), await stage.create()]
    const alone = { limits: { concurrency: 1 } }
    const ending = new AbortController()
    server.hang()
    const asked = ask(one, { ...alone, signal: ending.signal })
    ending.abort(new Error('enough'))
    await expect.poll(() => asked.error).toMatchObject({ message: 'enough' })
    server.goOn()
    await stage.timePasses(4_000)
    const next = ask(two, alone)
    await stage.timePasses(100)
    expect(next.started).toBe(true)
    await stage.close()
  })

  test('RATE_LIMITED while Redis is away says how long to wait', async () => {
    const stage = await limiterStage(open)
    const limiter = await stage.create()
    stage.clients[0]?.disconnect()
    const one = { limits: { windows: [{ limit: 1, perMs: 10_000 }] } }
    await (await limiter.acquire({ key: 'vendor', ...one })).release()
    const late = ask(limiter, { ...one, maxWaitMs: 1_000 })
    await stage.timePasses(10)
    expect(isSyncError(late.error, 'RATE_LIMITED') && late.error.retryAfterMs).toBeGreaterThan(9_000)
    await stage.close()
  })

  test('everything that a key keeps ends by itself', async () => {
    const stage = await limiterStage(open)
    const limiter = await stage.create()
    await (await limiter.acquire({ key: 'vendor', limits, holdMs: 5_000 })).release()
    const keys = ((await stage.control.call('KEYS', 'rl:*')) as string[]).toSorted()
    expect(keys).toEqual(['rl:vendor:facts', 'rl:vendor:places', 'rl:vendor:seen'])
    for (const key of keys) expect(Number(await stage.control.call('PTTL', key))).toBeGreaterThan(0)
    await stage.close()
  })

  test('close leaves no timer behind', async () => {
    const stage = await limiterStage(open)
    const limiter = await stage.create()
    const permit = await limiter.acquire({ key: 'vendor', limits })
    stage.clients[0]?.disconnect()
    await permit.release()
    expect(stage.clock.timers).toBe(1)
    await limiter.close()
    expect(stage.clock.timers).toBe(0)
    await stage.close()
  })

  test.each([{ processes: 0 }, { timeoutMs: 0 }])('OPTIONS_INVALID for %o', async (wrong) => {
    const stage = await limiterStage(open)
    await expect(stage.create(wrong)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    await stage.close()
  })
})
