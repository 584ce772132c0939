import { bearer, httpConnector, pageNumber, type RatePolicy } from '@syncline/connector-http'
import { createSyncline, isSyncError, systemClock } from '@syncline/core'
import { memoryRateLimiter, memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { callerOf, users } from './call.ts'
import { serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** The most instants in any stretch of that length. */
function mostWithin(instants: readonly number[], ms: number): number {
  const sorted = instants.toSorted((left, right) => left - right)
  let first = 0
  return Math.max(
    ...sorted.map((at, index) => {
      while (at - (sorted[first] ?? 0) >= ms) first += 1
      return index - first + 1
    }),
  )
}

const streams = ['alpha', 'beta', 'gamma', 'delta']

/** Four runs of one connector at once, one for each resource type. */
async function fourStreams(load: {
  readonly policy: RatePolicy
  readonly pages: number
  readonly clock: typeof systemClock
}) {
  const { policy, pages, clock } = load
  const arrivals: number[] = []
  const server = await serve(async ({ url }) => {
    arrivals.push(clock.now().getTime())
    const page = Number(url.searchParams.get('page'))
    return { items: page <= pages ? users(1).map((user) => ({ ...user, id: `${url.pathname}${page}` })) : [] }
  })
  servers.push(server)
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    clock,
    limits: { maxConcurrentPerTenant: 4, lookAhead: 0, maxRetryWaitMs: 0 },
    connectorTypes: [
      httpConnector({
        type: 'vendor',
        displayName: 'Vendor',
        configSchema: z.object({ baseUrl: z.string() }),
        baseUrl: ({ baseUrl }) => baseUrl,
        rateLimits: [policy],
        streams: Object.fromEntries(
          streams.map((name) => [
            name,
            {
              request: { path: `/${name}` },
              paginator: pageNumber(),
              records: 'items',
              record: { externalId: 'id', displayName: 'name' },
            },
          ]),
        ),
      }),
    ],
    allowedNetworks: ['127.0.0.1'],
  })
  await syncline.connectors.save({ connectorId: 'v', type: 'vendor', config: { baseUrl: server.url } })
  const runs = await Promise.all(
    streams.map((resourceType) => syncline.sync({ connectorId: 'v', resourceType })),
  )
  return { runs, arrivals }
}

describe("limits hold over four concurrent runs, by the server's own log", () => {
  test('90 per 10 s: never more, and at least 95 % of what it allows', async () => {
    const clock = fakeClock({ auto: false })
    const done = new AbortController()
    const going = fourStreams({
      policy: { windows: [{ limit: 90, perMs: 10_000 }] },
      pages: 59,
      clock,
    }).finally(() => done.abort())
    // Time moves only while nobody is at work: the requests of a burst all come within one instant.
    while (!done.signal.aborted) {
      // Sockets have no event for "nothing is on its way": real time for them, then fake time for the limits.
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (clock.timers > 0) await clock.advance(10)
    }
    const { runs, arrivals } = await going
    expect(runs.map(({ status }) => status)).toEqual(Array(4).fill('success'))
    expect(arrivals).toHaveLength(240)
    expect(mostWithin(arrivals, 10_000)).toBeLessThanOrEqual(90)
    const tookMs = Math.max(...arrivals) - Math.min(...arrivals)
    // 240 requests: ninety at once, ninety after one window, sixty after two.
    expect(20_000 / tookMs).toBeGreaterThanOrEqual(0.95)
  })

  test('3 per s with 300 ms spacing, in real time', async () => {
    const { runs, arrivals } = await fourStreams({
      policy: { windows: [{ limit: 3, perMs: 1_000 }], minSpacingMs: 300 },
      pages: 3,
      clock: systemClock,
    })
    expect(runs.map(({ status }) => status)).toEqual(Array(4).fill('success'))
    expect(arrivals).toHaveLength(16)
    expect(mostWithin(arrivals, 1_000)).toBeLessThanOrEqual(3)
    const sorted = arrivals.toSorted((left, right) => left - right)
    const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? 0))
    // Spacing is kept between starts: a request that is slow on its way takes its delay off the gap behind it.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
    const tookMs = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0)
    expect(5_000 / tookMs).toBeGreaterThanOrEqual(0.95)
  })

  test('a slow network never makes upstream count more: places become free after the end of a request', async () => {
    const arrivals: number[] = []
    const delays = [80, 5, 80, 5, 80, 5]
    const server = await serve(async () => {
      // The stand-in for a slow network, not a wait of the test: the request is on its way for so long; the server counts it when it has arrived.
      await new Promise((resolve) => setTimeout(resolve, delays[arrivals.length] ?? 5))
      arrivals.push(performance.now())
      return users(1)
    })
    servers.push(server)
    const caller = callerOf({
      baseUrl: server.url,
      definition: { rateLimits: [{ windows: [{ limit: 1, perMs: 60 }] }] },
    })
    await Promise.all(Array.from({ length: 6 }, () => caller.list()))
    expect(mostWithin(arrivals, 60)).toBe(1)
  })
})

describe('rate policies', () => {
  const keysOf = async (policies: readonly RatePolicy[], values?: Readonly<Record<string, string>>) => {
    const server = await serve(() => users(1))
    servers.push(server)
    const keys: string[] = []
    const inner = memoryRateLimiter()
    const caller = callerOf({
      baseUrl: server.url,
      definition: { rateLimits: policies },
      ...(values && { values }),
      context: {
        rateLimiter: {
          acquire(request) {
            keys.push(request.key)
            return inner.acquire(request)
          },
        },
      },
    })
    await caller.list()
    return keys
  }

  test('connectors with the same credential share a limit, others do not', async () => {
    expect(await keysOf([{ concurrency: 1 }], { token: 't' })).toEqual([
      '["acme","0","credential","t1","acme"]',
    ])
    expect(await keysOf([{ concurrency: 1 }])).toEqual(['["acme","0","connector","t1","c1"]'])
  })

  test('a limit may be one of the type, or of whatever a function names', async () => {
    const scope = (): string => 'eu'
    expect(await keysOf([{ name: 'all', scope: 'type' }, { scope }])).toEqual([
      '["acme","all"]',
      '["acme","1","own","eu"]',
    ])
  })

  test('a policy covers the requests it says, with the weight it says', async () => {
    const covers = ({ path }: { path?: string | undefined }): boolean => path === '/search'
    expect(await keysOf([{ covers }])).toEqual([])
    await expect(keysOf([{ windows: [{ limit: 2, perMs: 1_000 }], weight: () => 3 }])).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    })
  })

  test('each redirect counts as a request of its own', async () => {
    const server = await serve(({ url }, response) =>
      url.pathname === '/users' ? void response.writeHead(302, { location: '/people' }).end() : users(1),
    )
    servers.push(server)
    const rateLimits = [{ windows: [{ limit: 1, perMs: 86_400_000 }], maxWaitMs: 100 }]
    const caller = callerOf({ baseUrl: server.url, definition: { rateLimits } })
    await expect(caller.list()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(server.seen).toHaveLength(1)
  })

  test('concurrency is given back after an answer, an error and an abort', async () => {
    let answer = 0
    const server = await serve((_, response) => {
      answer += 1
      if (answer === 2) response.writeHead(500).end()
      return answer === 2 || answer === 3 ? undefined : users(1)
    })
    servers.push(server)
    const caller = callerOf({ baseUrl: server.url, definition: { rateLimits: [{ concurrency: 1 }] } })
    await caller.list()
    await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await expect(caller.list({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await caller.list()
    expect(server.seen).toHaveLength(4)
  })

  test('a wait above maxWaitMs is RATE_LIMITED with retryAfterMs, and nothing is sent', async () => {
    const server = await serve(() => users(1))
    servers.push(server)
    const caller = callerOf({
      baseUrl: server.url,
      definition: { rateLimits: [{ windows: [{ limit: 1, perMs: 86_400_000 }] }] },
    })
    await caller.list()
    const error = await caller.list().catch((thrown: unknown) => thrown)
    expect(isSyncError(error, 'RATE_LIMITED') && error.retryAfterMs).toBeGreaterThan(86_000_000)
    expect(server.seen).toHaveLength(1)
  })

  test('waiting for a limit of a second or more is logged', async () => {
    const server = await serve(() => users(1))
    servers.push(server)
    const clock = fakeClock()
    const messages: string[] = []
    const log = (_: object, message: string): void => void messages.push(message)
    const caller = callerOf({
      baseUrl: server.url,
      definition: { rateLimits: [{ minSpacingMs: 1_500 }] },
      context: {
        clock,
        rateLimiter: memoryRateLimiter({ clock }),
        logger: { debug: log, info: log, warn: log, error: log },
      },
    })
    await caller.list()
    const second = caller.list()
    await vi.waitUntil(() => clock.timers === 2)
    await clock.advance(1_500)
    await second
    expect(messages).toEqual(['waited for a rate limit'])
  })
})

test('a token in the config works without a credential store', async () => {
  const server = await serve(({ headers }) => users(headers.authorization === 'Bearer from-config' ? 1 : 0))
  servers.push(server)
  const caller = callerOf({
    baseUrl: server.url,
    definition: { authenticator: bearer({ token: () => 'from-config' }) },
  })
  expect((await caller.list()).resources).toHaveLength(1)
})
