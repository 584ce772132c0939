import type { ServerResponse } from 'node:http'
import { bearer, linkHeader, oauthClientCredentials, readAll } from '@syncline/connector-http'
import { type Clock, systemClock } from '@syncline/core'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf, users } from './call.ts'
import { serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Send = (response: ServerResponse, status: number) => void
const sent =
  (headers: Record<string, string>, body: string | Buffer = ''): Send =>
  (response, status) =>
    void response.writeHead(status, { 'retry-after': '7', ...headers }).end(body)

const bodies: Record<string, Send> = {
  'a packed body of no bytes': sent({ 'content-encoding': 'gzip', 'content-length': '0' }),
  'a body that is not packed as it is labelled': sent({ 'content-encoding': 'br' }, 'plain'),
  deflate: sent({ 'content-encoding': 'deflate' }, 'x'),
  'Latin-1 labelled as UTF-8': sent(
    { 'content-type': 'text/html; charset=utf-8' },
    Buffer.from([0x3c, 0xfc, 0x3e]),
  ),
  'an unknown charset': sent({ 'content-type': 'application/json; charset=utf8mb4' }, '{}'),
  'JSON that is cut': sent({ 'content-type': 'application/json' }, '{"error":'),
  'a body of 11 MiB': sent({}, Buffer.alloc(11 * 1024 * 1024, 'x')),
  'a body that never ends': (response, status) =>
    void response.writeHead(status, { 'retry-after': '7' }).write('begins'),
  'a body that breaks off': (response, status) => {
    response.writeHead(status, { 'retry-after': '7', 'content-length': '100' }).write('begins')
    setImmediate(() => response.destroy())
  },
}

/** Deadlines come a hundred times sooner. */
const hurried: Clock = {
  ...systemClock,
  after(ms, ring) {
    const timer = setTimeout(ring, ms / 100)
    return () => clearTimeout(timer)
  },
}

const errors = [
  [429, { code: 'RATE_LIMITED', retryAfterMs: 7_000 }],
  [503, { code: 'UPSTREAM_UNAVAILABLE', retryAfterMs: 7_000 }],
  [401, { code: 'UNAUTHORIZED' }],
  [410, { code: 'DELTA_EXPIRED' }],
  [404, { code: 'UPSTREAM_REJECTED' }],
] as const

const fails = async (send: Send, status: number, definition = {}) => {
  const server = await serve((_, response) => send(response, status))
  servers.push(server)
  return callerOf({ baseUrl: server.url, definition, context: { clock: hurried } })
}

describe.each(Object.entries(bodies))('the status decides over %s', (_, send) => {
  test.each(errors)('in a listing: %i', async (status, expected) => {
    await expect((await fails(send, status)).list()).rejects.toMatchObject(expected)
  })

  test('of a single record, readAll, the check and the token endpoint', async () => {
    const [status, expected] = errors[0]
    const caller = await fails(send, status, {
      streams: {
        user: {
          request: { path: '/users' },
          record: { externalId: 'id', displayName: 'name' },
          get: () => ({ path: '/users/u1' }),
        },
        group: {
          list: async (call: Parameters<typeof readAll>[0]) =>
            readAll(call, { request: { path: '/members' } }),
        },
      },
      check: { path: '/me' },
    })
    const { user, group } = caller.connector.resourceTypes
    const signal = new AbortController().signal
    await expect(user?.get?.({ externalId: 'u1', signal }, caller.context)).rejects.toMatchObject(expected)
    await expect(
      group?.list({ command: 'listGroups', pageSize: 2, signal }, caller.context),
    ).rejects.toMatchObject(expected)
    await expect(caller.connector.check?.(caller.context)).rejects.toMatchObject(expected)

    const { baseUrl } = caller.context.config
    const credential = {
      tenantId: 't1',
      ref: 'r',
      version: 1,
      state: 'active',
      savedAt: new Date(0),
    } as const
    const values = { clientId: 'id', clientSecret: 'secret' }
    const refresh = async (_version: number, exchange: (...given: never[]) => Promise<unknown>) =>
      exchange(...([{ ...credential, values }, signal] as never[])) as never
    const asking = callerOf({
      baseUrl,
      definition: { authenticator: oauthClientCredentials({ tokenUrl: '/token' }) },
      context: {
        clock: hurried,
        credential: {
          get: async () => ({ ...credential, values }),
          getFresh: async () => ({ ...credential, values }),
          reload: async () => ({ ...credential, values }),
          refresh,
        },
      },
    })
    await expect(asking.list()).rejects.toMatchObject(expected)
  })

  test('of a redirect', async () => {
    const server = await serve(({ url }, response) => {
      if (url.pathname !== '/users') return users(1)
      response.setHeader('location', '/others')
      send(response, 302)
    })
    servers.push(server)
    const caller = callerOf({ baseUrl: server.url, context: { clock: hurried } })
    expect((await caller.list()).resources).toMatchObject([{ externalId: 'u1' }])
  })
})

test.each([204, 205, 304])(
  'a %i that is labelled as packed has no content, and is not an answer of records',
  async (status) => {
    const caller = await fails(sent({ 'content-encoding': 'gzip' }), status)
    await expect(caller.list()).rejects.toMatchObject({
      code: status === 204 ? 'CONNECTOR_ANSWER_INVALID' : 'UPSTREAM_REJECTED',
    })
  },
)

test('a rule judges a 2xx response by its status, even if its body is not JSON', async () => {
  const caller = await fails(sent({ 'content-type': 'text/html' }, '<p>wait</p>'), 202, {
    errorRules: [{ status: 202, action: 'retry' }],
  })
  await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
})

test('an error document is read by the rules whatever its charset is called', async () => {
  const caller = await fails(
    sent({ 'content-type': 'application/json; charset=utf8mb4' }, '{"error":"gone"}'),
    400,
    {
      errorRules: [
        {
          when: ({ body }: { body: unknown }) => JSON.stringify(body) === '{"error":"gone"}',
          action: 'restart',
        },
      ],
    },
  )
  await expect(caller.list()).rejects.toMatchObject({ code: 'DELTA_EXPIRED' })
})

test('the caller ends a request even while the body of an error response comes', async () => {
  const caller = await fails(bodies['a body that never ends'] as Send, 503)
  const ending = new AbortController()
  const listing = caller.list({ signal: ending.signal })
  setImmediate(() => ending.abort(new Error('enough')))
  await expect(listing).rejects.toThrow('enough')
})

test('connections are used again after good responses', async () => {
  const ports = new Set<number | undefined>()
  const server = await serve((_, response) => {
    ports.add(response.socket?.remotePort)
    return users(1)
  })
  servers.push(server)
  const caller = callerOf({ baseUrl: server.url, stream: { paginator: linkHeader() } })
  for (let time = 0; time < 5; time++) await caller.list()
  // A second one may open before the first is free.
  expect(ports.size).toBeLessThanOrEqual(2)
})

test('a token that ends with a line feed is refused with a message that helps', async () => {
  const caller = await fails(sent({}), 200, { authenticator: bearer({ token: () => 'token\n' }) })
  await expect(caller.list()).rejects.toMatchObject({
    code: 'CREDENTIAL_INVALID',
    message: expect.stringContaining('line break'),
  })
})
