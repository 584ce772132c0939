import { createSynclineClient, type SynclineClientOptions } from '@syncline/client'
import { fakeClock } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { drop, json, problem, type ScriptedServer, scriptedServer } from './scripted-server.ts'

const clock = () => fakeClock({ auto: true })
const connect = ({ baseUrl }: ScriptedServer, options: Partial<SynclineClientOptions> = {}) =>
  createSynclineClient({ baseUrl, clock: clock(), random: () => 1, ...options })

const acme = { connectorId: 'acme' } as const
const users = { ...acme, resourceType: 'user' } as const
const done = json(200, { message: 'Sync completed', stats: {} })
const keyOf = ({ requests }: ScriptedServer) => requests.map(({ headers }) => headers['idempotency-key'])

describe('sending again', () => {
  test('429 waits as long as the server says, whatever was asked for', async () => {
    const server = await scriptedServer(
      problem(429, { code: 'TOO_MANY_REQUESTS' }, { 'retry-after': '7' }),
      json(200, {}, { etag: '"1"' }),
    )
    const time = clock()
    const client = connect(server, { clock: time })
    await client.putSyncConfig({ ...users, enabled: true }, { ifMatch: '"0"' })
    expect(time.slept).toEqual([7_000])
    expect(server.requests).toHaveLength(2)
  })

  test('503 waits until the date that the server says', async () => {
    const time = clock()
    const later = new Date(time.now().getTime() + 9_000).toUTCString()
    const server = await scriptedServer(
      problem(503, { code: 'STORE_UNAVAILABLE' }, { 'retry-after': later }),
      json(200, []),
    )
    await connect(server, { clock: time }).listSyncConfigs(acme)
    expect(time.slept).toEqual([9_000])
  })

  test('a wait above maxWaitMs is not cut short: the error says how long', async () => {
    const server = await scriptedServer(problem(429, { code: 'TOO_MANY_REQUESTS' }, { 'retry-after': '31' }))
    await expect(connect(server).listSyncConfigs(acme)).rejects.toMatchObject({
      name: 'SynclineApiError',
      code: 'TOO_MANY_REQUESTS',
      status: 429,
      detail: 'why',
      requestId: 'req-1',
      retryAfterMs: 31_000,
    })
    expect(server.requests).toHaveLength(1)
  })

  test('an answer that was lost is asked for again, with growing waits, a few times only', async () => {
    const server = await scriptedServer(drop)
    const time = clock()
    await expect(connect(server, { clock: time }).listSyncConfigs(acme)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      status: undefined,
    })
    expect(time.slept).toEqual([500, 1_000, 2_000, 4_000])
    expect(server.requests).toHaveLength(5)
  })

  test('retries: 0 sends once', async () => {
    const server = await scriptedServer(drop)
    await expect(connect(server, { retry: { retries: 0 } }).listSyncConfigs(acme)).rejects.toBeInstanceOf(
      Error,
    )
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['triggerSync', users],
    ['approveRun', { ...acme, runId: 'r' }],
    ['resolveMatch', { ...acme, matchId: 'm', action: 'skip' }],
    ['unlinkMatch', { ...acme, matchId: 'm' }],
    ['bulkResolveMatches', { ...acme, matchIds: ['m'], action: 'skip' }],
  ] as const)(
    '%s carries one Idempotency-Key in all attempts, and another one per call',
    async (name, input) => {
      const server = await scriptedServer(drop, done, done)
      const client = connect(server)
      const call = client[name] as (given: object, options?: object) => Promise<unknown>
      await call(input)
      const [first, second] = keyOf(server)
      expect(first).toMatch(/^[0-9a-f]{32}$/)
      expect(second).toBe(first)
      await call(input)
      expect(keyOf(server)[2]).toMatch(/^[0-9a-f]{32}$/)
      expect(keyOf(server)[2]).not.toBe(first)
      await call(input, { idempotencyKey: 'mine' })
      expect(keyOf(server)[3]).toBe('mine')
    },
  )

  test('a change with a condition is not repeated when its answer was lost', async () => {
    for (const options of [{ ifMatch: '"1"' }, { ifNoneMatch: '*' }] as const) {
      const server = await scriptedServer(drop)
      await expect(connect(server).putSyncConfig(users, options)).rejects.toMatchObject({
        code: 'UNREACHABLE',
      })
      expect(server.requests).toHaveLength(1)
    }
  })

  test('an attempt that finds the one before it under way waits for it', async () => {
    const inUse = problem(409, { code: 'IDEMPOTENCY_KEY_IN_USE' })
    const server = await scriptedServer(drop, inUse, json(200, { updated: 1 }))
    const resolution = { ...acme, matchIds: ['m'], action: 'skip' } as const
    expect(await connect(server).bulkResolveMatches(resolution)).toEqual({ updated: 1 })
    const other = await scriptedServer(inUse)
    await expect(connect(other).bulkResolveMatches(resolution)).rejects.toMatchObject({ status: 409 })
    expect(other.requests).toHaveLength(1)
  })

  test('the end of a run, and what is refused, is not asked for again', async () => {
    for (const answer of [
      problem(503, { code: 'RATE_LIMITED', runId: 'r-1' }, { 'retry-after': '1' }),
      problem(409, { code: 'SYNC_ALREADY_RUNNING', runId: 'r-1' }),
      problem(502, { code: 'UPSTREAM_REJECTED', runId: 'r-1' }),
    ]) {
      const server = await scriptedServer(answer)
      await expect(connect(server).triggerSync(users)).rejects.toMatchObject({ runId: 'r-1' })
      expect(server.requests).toHaveLength(1)
    }
  })

  test('headers are made for every attempt, and those of a call come on top', async () => {
    const server = await scriptedServer(drop, json(200, []))
    let made = 0
    const client = connect(server, {
      headers: async () => ({ authorization: `Bearer ${(made += 1)}`, 'x-a': '1' }),
    })
    await client.listSyncConfigs(acme, { headers: { 'X-A': '2' } })
    expect(server.requests.map(({ headers }) => [headers.authorization, headers['x-a']])).toEqual([
      ['Bearer 1', '2'],
      ['Bearer 2', '2'],
    ])
  })

  test('what makes the headers may fail: the call throws that, and nothing is sent', async () => {
    const server = await scriptedServer(json(200, []))
    const client = connect(server, {
      headers: () => {
        throw new RangeError('signed out')
      },
    })
    await expect(client.listSyncConfigs(acme)).rejects.toThrow(RangeError)
    expect(server.requests).toHaveLength(0)
  })
})

describe('abort', () => {
  test('ends a request, and a wait, with the reason of the signal', async () => {
    const silent = await scriptedServer(() => undefined)
    const leaving = new AbortController()
    const calling = connect(silent).listSyncConfigs(acme, { signal: leaving.signal })
    while (silent.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const reason = new Error('left')
    leaving.abort(reason)
    await expect(calling).rejects.toBe(reason)

    const time = fakeClock()
    const waiting = new AbortController()
    const server = await scriptedServer(drop)
    const called = connect(server, { clock: time }).listSyncConfigs(acme, { signal: waiting.signal })
    await time.nextSleep()
    waiting.abort(reason)
    await expect(called).rejects.toBe(reason)
    expect(server.requests).toHaveLength(1)
  })

  test('before a call sends nothing', async () => {
    const server = await scriptedServer(json(200, []))
    const signal = AbortSignal.abort()
    await expect(connect(server).listSyncConfigs(acme, { signal })).rejects.toBe(signal.reason)
    expect(server.requests).toHaveLength(0)
  })
})

describe('what answers and is not the API', () => {
  const page =
    (status: number) =>
    (...[, response]: Parameters<typeof drop>): void =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Hello')

  test.each([200, 404, 502])('a page with status %i is UNEXPECTED_ANSWER', async (status) => {
    const server = await scriptedServer(page(status))
    await expect(connect(server).listSyncConfigs(acme)).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      status,
    })
    expect(server.requests).toHaveLength(1)
  })

  test('JSON that is cut off or no problem document is, too', async () => {
    const cut = await scriptedServer(
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('[{"a":'),
    )
    await expect(connect(cut).listSyncConfigs(acme)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
    const other = await scriptedServer(json(418, { message: 'I am a teapot' }))
    await expect(connect(other).listSyncConfigs(acme)).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      status: 418,
    })
  })

  test('a redirect is not followed: headers of the host are for nobody else', async () => {
    const elsewhere = await scriptedServer(json(200, []))
    const server = await scriptedServer(
      (_, response) => void response.writeHead(307, { location: elsewhere.baseUrl }).end(),
    )
    await expect(
      connect(server, { headers: { 'x-secret': '1' }, retry: { retries: 0 } }).listSyncConfigs(acme),
    ).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(elsewhere.requests).toHaveLength(0)
  })

  test('settings without an ETag are, because no edit could be bound to them', async () => {
    const server = await scriptedServer(json(200, {}))
    await expect(connect(server).getSyncConfig(users)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  })
})

describe('an input that is no request', () => {
  test.each([
    ['an id that is a step in the path', (client: Client) => client.listRuns({ connectorId: '..' })],
    ['an empty id', (client: Client) => client.getRun({ connectorId: 'acme', runId: '' })],
    [
      'a member that has no place',
      (client: Client) =>
        client.clearCache({ connectorId: 'acme', externalID: '1' } as { connectorId: string }),
    ],
    [
      'a condition that is none',
      (client: Client) => client.putSyncConfig(users, { ifMatch: undefined } as object),
    ],
    ['half a second', (client: Client) => client.triggerSync(users, { waitSeconds: 0.5 })],
  ])('%s is a TypeError, and nothing is sent', async (_name, call) => {
    const server = await scriptedServer(json(200, {}))
    await expect(async () => call(connect(server))).rejects.toThrow(TypeError)
    expect(server.requests).toHaveLength(0)
  })

  test('ids are encoded', async () => {
    const server = await scriptedServer(json(200, {}))
    await connect(server).getRun({ connectorId: 'acme', runId: 'a/b?c#d%2e é' })
    expect(server.requests[0]?.url).toBe('/api/connectors/acme/runs/a%2Fb%3Fc%23d%252e%20%C3%A9')
  })
})

type Client = ReturnType<typeof connect>
