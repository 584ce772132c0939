import { httpConnector, pageNumber, path, readPath, since, withParameter } from '@syncline/connector-http'
import { createSyncline, type JsonObject, systemClock } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { mapRecord } from '../src/records/map-record.ts'
import { callerOf, silent, users } from './call.ts'
import { type Answer, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
const start = async (answer: Answer): Promise<TestServer> => {
  const server = await serve(answer)
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('records', () => {
  const fields = { externalId: 'id', displayName: { firstOf: ['profile.name', 'login'] }, email: 'mail' }
  const item = { id: 7, login: 'ada', mail: 'ada@x.example', profile: { name: '', dept: 'R&D' }, admin: true }

  test('take their parts from paths, and the rest of the item as attributes', () => {
    expect(mapRecord(fields, item)).toEqual({
      externalId: '7',
      displayName: 'ada',
      email: 'ada@x.example',
      attributes: { profile: { name: '', dept: 'R&D' }, admin: true },
    })
  })

  test('may be made by a function, or part by part', () => {
    const dept = (from: JsonObject) => ({ dept: readPath(from, 'profile.dept') })
    expect(mapRecord({ ...fields, attributes: dept, displayName: () => 'Ada' }, item)).toMatchObject({
      displayName: 'Ada',
      attributes: { dept: 'R&D' },
    })
    expect(mapRecord(() => ({ externalId: 8, displayName: 'y', attributes: {} }), item)).toEqual({
      externalId: '8',
      displayName: 'y',
      attributes: {},
    })
  })

  test('one that cannot be mapped keeps its id, and what is no object is passed on', () => {
    const broken = (): never => {
      throw new TypeError('no profile')
    }
    expect(mapRecord(broken, item)).toEqual({ externalId: '7' })
    expect(mapRecord(fields, null)).toBeNull()
    expect(mapRecord(fields, 'text')).toBe('text')
  })

  test('an id that JavaScript has rounded is not made into text', () => {
    expect(mapRecord(fields, { ...item, id: 2 ** 53 })).toMatchObject({ externalId: 2 ** 53 })
  })

  test('a path reads own properties only', () => {
    for (const name of ['__proto__', 'constructor.name', 'toString', 'profile.__proto__.x']) {
      expect(readPath(item, name)).toBeUndefined()
    }
  })

  test('bad ones are quarantined one by one, and none fails its page', async () => {
    const server = await start(() => [{ id: 'a', name: 'A' }, null, { id: 'b' }, { id: 2 ** 60, name: 'C' }])
    const syncline = createSyncline({
      connectorTypes: [callerOf({ baseUrl: server.url }).connector],
      allowedNetworks: ['127.0.0.1'],
    })
    await syncline.connectors.save({ connectorId: 'c', type: 'acme', config: { baseUrl: server.url } })
    const run = await syncline.sync({ connectorId: 'c', resourceType: 'user' })
    expect(run.stats).toMatchObject({ added: 1, quarantined: 3 })
  })
})

describe('the record selector', () => {
  test.each([null, {}, { items: null }, { items: {} }, 'text', 7])(
    '%j is no page of records',
    async (body) => {
      const server = await start((_, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(body))
      })
      const caller = callerOf({ baseUrl: server.url, stream: { records: 'items' } })
      await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
    },
  )

  test('a page that says it is HTML is none, even if it parses', async () => {
    const server = await start((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end('[]')
    })
    await expect(callerOf({ baseUrl: server.url }).list()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })

  test('may be a function', async () => {
    const server = await start(() => ({ a: users(1), b: users(2) }))
    const records = (body: unknown): unknown[] => [readPath(body, 'b')].flat()
    const caller = callerOf({ baseUrl: server.url, stream: { records } })
    expect((await caller.list()).resources).toHaveLength(2)
  })

  test('reads what decode made of another format', async () => {
    const server = await start(
      (_, response) => void response.end('{"id":"u1","name":"A"}\n{"id":"u2","name":"B"}\n'),
    )
    const decode = (text: string): unknown =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const caller = callerOf({ baseUrl: server.url, stream: { request: { path: '/users', decode } } })
    expect((await caller.list()).resources).toMatchObject([{ externalId: 'u1' }, { externalId: 'u2' }])
  })
})

describe('incremental', () => {
  const modifiedSince = '2026-01-31T12:00:00.123Z'
  test.each([
    ['iso', since('since'), '?since=2026-01-31T12%3A00%3A00.123Z'],
    ['epoch_seconds', since('since', { format: 'epoch_seconds' }), '?since=1769860800'],
    ['epoch_ms', since('since', { format: 'epoch_ms' }), '?since=1769860800123'],
    [
      'a function',
      since('filter', { format: (at) => `lastUpdated ge "${at.toISOString()}"` }),
      `?filter=${new URLSearchParams({ x: 'lastUpdated ge "2026-01-31T12:00:00.123Z"' }).toString().slice(2)}`,
    ],
  ])('writes the instant as %s', async (_, incremental, search) => {
    const server = await start(() => users(1))
    const caller = callerOf({ baseUrl: server.url, stream: { incremental } })
    await caller.list({ modifiedSince })
    await caller.list()
    expect(server.seen.map(({ url }) => url.search)).toEqual([search, ''])
    expect(caller.connector.resourceTypes.user?.incremental).toBe(true)
  })

  test('a stream without it does not declare it', () => {
    expect(callerOf({ baseUrl: 'http://x' }).connector.resourceTypes.user?.incremental).toBe(false)
  })
})

describe('requests', () => {
  test('path encodes values and refuses those that lead elsewhere', () => {
    expect(path`/groups/${'a/b ?#'}/members/${7}`).toBe('/groups/a%2Fb%20%3F%23/members/7')
    for (const value of ['.', '..', '', null, undefined, {}])
      expect(() => path`/x/${value}/y`).toThrow('cannot hold')
  })

  test('a path goes below the path of the base URL; lists repeat a parameter and undefined leaves it out', async () => {
    const server = await start(() => [])
    const query = { a: ['1', '2'], b: undefined, c: true }
    const caller = callerOf({
      baseUrl: `${server.url}/api/v1/?key=1`,
      stream: { request: { path: path`/u/${'ä/b'}`, query } },
    })
    await caller.list()
    expect(server.seen[0]?.url.pathname).toBe('/api/v1/u/%C3%A4%2Fb')
    expect(server.seen[0]?.url.searchParams.toString()).toBe('key=1&a=1&a=2&c=true')
  })

  test('withParameter does not change the request it is given', () => {
    const request = { query: { a: '1' }, json: { b: 2 } }
    expect(withParameter(request, { name: 'c', value: 3, place: 'json' }).json).toEqual({ b: 2, c: 3 })
    expect(request).toEqual({ query: { a: '1' }, json: { b: 2 } })
  })

  test('an abort ends a request under way with its reason', async () => {
    const ending = new AbortController()
    const reason = new Error('run cancelled')
    // Never answers: the request is under way when it has arrived.
    const server = await start(() => {
      ending.abort(reason)
    })
    const caller = callerOf({ baseUrl: server.url })
    await expect(caller.list({ signal: ending.signal })).rejects.toBe(reason)
  })

  test('messages hold neither query, headers nor the answer', async () => {
    const server = await start((_, response) => void response.writeHead(400).end('SECRET-BODY'))
    const caller = callerOf({
      baseUrl: server.url,
      stream: {
        request: { path: '/users', query: { key: 'SECRET-QUERY' }, headers: { 'x-a': 'SECRET-HEADER' } },
      },
    })
    const error = await caller.list().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { status: 400, failureType: 'config' },
    })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('SECRET')
  })
})

describe('streams', () => {
  test('hydrate completes items by further requests, four at a time', async () => {
    let running = 0
    let most = 0
    const server = await start(async ({ url }) => {
      if (url.pathname === '/users') return users(10)
      return [`g-of-${url.pathname.split('/')[2]}`]
    })
    const caller = callerOf({
      baseUrl: server.url,
      stream: {
        hydrate: async (item, { send }) => {
          running += 1
          most = Math.max(most, running)
          const { body } = await send({ path: path`/users/${item.id}/groups` })
          running -= 1
          return { ...item, groups: z.array(z.string()).parse(body) }
        },
      },
    })
    const { resources } = await caller.list()
    expect(resources[9]).toMatchObject({ externalId: 'u10', attributes: { groups: ['g-of-u10'] } })
    expect(most).toBe(4)
  })

  test('hydrate sends nothing more once an item has failed: upstream may have asked for a pause', async () => {
    const failed = Promise.withResolvers<void>()
    const server = await start(async ({ url }, response) => {
      if (url.pathname === '/users') return users(10)
      if (url.pathname === '/users/u1') return void response.writeHead(429, { 'retry-after': '30' }).end()
      await failed.promise
      return {}
    })
    const caller = callerOf({
      baseUrl: server.url,
      stream: {
        hydrate: async (item, { send }) => {
          await send({ path: path`/users/${item.id}` })
          return item
        },
      },
    })
    await expect(caller.list()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 30_000 })
    failed.resolve()
    // Whatever was sent by now arrives before the answer to this.
    await fetch(`${server.url}/barrier`)
    const asked = server.seen.map(({ url }) => url.pathname).filter((name) => name.startsWith('/users/'))
    expect(asked.toSorted()).toEqual(['/users/u1', '/users/u2', '/users/u3', '/users/u4'])
  })

  test('may be a function that sends by itself, with all that the connector declares', async () => {
    const server = await start(({ headers }) => (headers['x-v'] === '2' ? users(2) : []))
    const connector = httpConnector({
      type: 'own',
      displayName: 'Own',
      configSchema: z.object({}),
      baseUrl: server.url,
      headers: { 'X-V': '2' },
      streams: {
        device: {
          incremental: true,
          coverage: 'partial',
          async list({ send, request }) {
            const { body } = await send({ path: `/${request.command}` })
            const resources = z.array(z.object({ id: z.string() })).parse(body)
            return {
              success: true,
              payload: {
                resources: resources.map(({ id }) => ({ externalId: id, displayName: id, attributes: {} })),
              },
            }
          },
        },
      },
    })
    expect(connector.resourceTypes.device).toMatchObject({ incremental: true, coverage: 'partial' })
    const syncline = createSyncline({ connectorTypes: [connector], allowedNetworks: ['127.0.0.1'] })
    await syncline.connectors.save({ connectorId: 'o', type: 'own' })
    expect((await syncline.sync({ connectorId: 'o', resourceType: 'device' })).stats.added).toBe(2)
  })

  test('parts may depend on the config', async () => {
    const server = await start(() => ({ list: users(1) }))
    const connector = httpConnector({
      type: 'own',
      displayName: 'Own',
      configSchema: z.object({ tenant: z.string(), perPage: z.number() }),
      baseUrl: server.url,
      headers: ({ tenant }) => ({ 'x-tenant': tenant }),
      timeoutMs: ({ perPage }) => perPage * 1_000,
      streams: {
        user: {
          request: ({ config }) => ({ path: path`/${config.tenant}/users` }),
          paginator: ({ perPage }) => pageNumber({ size: 'n', maxPageSize: perPage }),
          records: 'list',
          record: (item, { config }) => ({ externalId: item.id, displayName: config.tenant, attributes: {} }),
          total: 'list.length',
        },
      },
    })
    const context = {
      connectorId: 'c',
      tenantId: 't',
      config: { tenant: 'acme', perPage: 3 },
      logger: silent,
      clock: systemClock,
      rateLimiter: memoryRateLimiter(),
      allowedNetworks: ['127.0.0.1'],
    }
    const answer = await connector.resourceTypes.user?.list(
      { command: 'listUsers', pageSize: 500, signal: new AbortController().signal },
      context,
    )
    expect(answer).toMatchObject({ payload: { resources: [{ displayName: 'acme' }], totalEstimate: 1 } })
    expect(server.seen[0]?.url.href).toContain('/acme/users?page=1&n=3')
    expect(server.seen[0]?.headers['x-tenant']).toBe('acme')
  })

  test('check sends its request, or calls its function, and throws when that fails', async () => {
    const server = await start(({ url }, response) => {
      response.statusCode = url.pathname === '/me' ? 200 : 403
      return {}
    })
    const good = callerOf({ baseUrl: server.url, definition: { check: { path: '/me' } } })
    await good.connector.check?.(good.context)
    const bad = callerOf({
      baseUrl: server.url,
      definition: { check: async ({ send }) => void (await send({ path: '/no' })) },
    })
    await expect(bad.connector.check?.(bad.context)).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
    expect('check' in callerOf({ baseUrl: server.url }).connector).toBe(false)
  })
})
