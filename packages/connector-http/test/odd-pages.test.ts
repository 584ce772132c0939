import {
  bodyToken,
  linkHeader,
  offset,
  type Paginator,
  pageNumber,
  rangeHeader,
  readAll,
} from '@syncline/connector-http'
import { afterEach, describe, expect, test } from 'vitest'
import { parseLinks } from '../src/pagination/parse-links.ts'
import { withoutParameters } from '../src/requests/secret-parameters.ts'
import { parseBaseUrl, wireRequest } from '../src/requests/wire-request.ts'
import { addressPolicy } from '../src/transport/address-policy.ts'
import { callerOf, idsByPage, users } from './call.ts'
import { type Answer, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const listing = async (answer: Answer, paginator: Paginator, stream = {}) => {
  const server = await serve(answer)
  servers.push(server)
  return callerOf({ baseUrl: server.url, stream: { records: 'items', paginator, ...stream } })
}
const invalid = { code: 'CONNECTOR_ANSWER_INVALID' }
const all = users(35)
/** Pages of ten at most, whatever is asked for. */
const capped: Answer = ({ url }) => {
  const number = Number(url.searchParams.get('page') ?? 1)
  const start = url.searchParams.has('offset') ? Number(url.searchParams.get('offset')) : (number - 1) * 10
  return { items: all.slice(start, start + 10), total: 35, pages: 4 }
}

describe('counted pages count what was received', () => {
  test.each([
    ['pageNumber with total', pageNumber({ size: 'per_page', total: 'total' })],
    ['pageNumber with total and no size', pageNumber({ total: 'total' })],
    ['pageNumber with totalPages', pageNumber({ totalPages: 'pages' })],
    ['offset with total', offset({ size: 'limit', total: 'total' })],
  ])('%s: reads all where upstream gives less than was asked for', async (_, paginator) => {
    const caller = await listing(capped, paginator)
    expect((await idsByPage(caller, { pageSize: 500 })).flat()).toHaveLength(35)
  })

  test.each(['', ' ', '42 ', null, true, 42.5, -1, '-1', [], [3], {}, '1e3'])(
    'a total of %j is an error',
    async (total) => {
      const caller = await listing(() => ({ items: users(1), total }), pageNumber({ total: 'total' }))
      await expect(caller.list()).rejects.toMatchObject(invalid)
    },
  )

  test('a total that is sent as text counts', async () => {
    const caller = await listing(() => ({ items: users(2), total: '2' }), pageNumber({ total: 'total' }))
    expect(await idsByPage(caller)).toEqual([['u1', 'u2']])
  })

  test('an empty page before the total is an error, by number and by range', async () => {
    const empty: Answer = (_, response) => {
      response.setHeader('content-range', 'items */203')
      return { items: [], total: 203 }
    }
    for (const paginator of [pageNumber({ total: 'total' }), rangeHeader()]) {
      await expect((await listing(empty, paginator)).list()).rejects.toMatchObject(invalid)
    }
  })

  test('a cursor of another release begins a full listing', async () => {
    const caller = await listing(capped, pageNumber({ total: 'total' }))
    await expect(caller.list({ cursor: '2' })).rejects.toMatchObject({ code: 'DELTA_EXPIRED' })
  })
})

describe('linkHeader', () => {
  test.each([
    '</users?at=2>; rel="next"',
    '</users?at=2>; rel="Next"',
    '</users?at=2>; rel=NEXT',
    '</users?at=2>; REL="next"',
    '</users?at=2>; rel="last\tNext"',
    "</users?at=2>; rel='next'",
    '<https://x.example/a>, </users?at=2>;title="a, \\"b\\"; rel=last" ; rel = next',
    ', </users?at=1>; rel=prev ,, </users?at=2>; rel="next" ,',
  ])('follows %s', async (link) => {
    const caller = await listing((_, response) => {
      response.setHeader('link', link)
      return { items: users(1) }
    }, linkHeader())
    expect((await caller.list()).nextCursor).toBe('/users?at=2')
  })

  test.each(['', ' ', '<>', '</users?at=2>', '</users?at=2>; rel="last"', '</users>; rel=prev; rel=next'])(
    'ends with "%s"',
    async (link) => {
      const caller = await listing((_, response) => {
        response.setHeader('link', link)
        return { items: users(1) }
      }, linkHeader())
      expect((await caller.list()).nextCursor).toBeUndefined()
    },
  )

  test.each(['null', '</a', '</a>; rel="next', '</a> </b>; rel=next', `<${'a'.repeat(9_000)}>`])(
    'refuses what is not a list of links: %s',
    (link) => {
      expect(() => parseLinks(link)).toThrow(expect.objectContaining(invalid))
    },
  )
})

describe('caps', () => {
  test('a page of very many records is refused before it is mapped', async () => {
    let mapped = 0
    const record = () => {
      mapped += 1
      return { externalId: 'a', displayName: 'a', attributes: {} }
    }
    const many = await listing(
      () => ({ items: Array(10_001).fill({}) }),
      bodyToken({ from: 'n', token: 'n' }),
      { record },
    )
    await expect(many.list()).rejects.toMatchObject({
      ...invalid,
      details: { records: 10_001, limit: 10_000 },
    })
    expect(mapped).toBe(0)
    // Ten times the page size, where that is more.
    await expect(many.list({ pageSize: 2_000 })).resolves.toBeDefined()
  })

  const reading = async (answer: Answer, list: Partial<Parameters<typeof readAll>[1]>) => {
    const server = await serve(answer)
    servers.push(server)
    let found: readonly unknown[] = []
    const stream = {
      list: async (call: Parameters<typeof readAll>[0]) => {
        found = await readAll(call, { request: { path: '/x' }, ...list })
        return { success: true as const, payload: { resources: [] } }
      },
    }
    const caller = callerOf({ baseUrl: server.url, definition: { streams: { user: stream } } })
    return caller.list().then(() => found.length)
  }

  test('readAll reads one page of very many items', async () => {
    expect(await reading(() => Array(90_000).fill(1), {})).toBe(90_000)
  })

  const endless: Answer = ({ url }) => ({
    items: Array(400).fill('x'),
    next: Number(url.searchParams.get('at') ?? 0) + 1,
  })
  const paged = { records: 'items', paginator: bodyToken({ from: 'next', token: 'at' }) }
  test.each([
    ['items', { maxItems: 1_000 }],
    ['characters', { maxLength: 5_000 }],
  ])('readAll ends with RUN_LIMIT_REACHED at its limit of %s', async (what, limit) => {
    await expect(reading(endless, { ...paged, ...limit })).rejects.toMatchObject({
      code: 'RUN_LIMIT_REACHED',
      message: expect.stringContaining(what),
    })
  })

  test('readAll refuses more than 100,000 items by default', async () => {
    await expect(reading(() => Array(100_001).fill(1), {})).rejects.toMatchObject({
      code: 'RUN_LIMIT_REACHED',
    })
  })
})

test.each([-1, 1.5, '9', null, 1e300])(
  'a declared total of %j is no estimate, and fails nothing',
  async (total) => {
    const caller = await listing(() => ({ items: users(1), total }), linkHeader(), { total: 'total' })
    expect((await caller.list()).totalEstimate).toBeUndefined()
  },
)

test('a redirect to what is no address is UPSTREAM_REJECTED', async () => {
  const caller = await listing((_, response) => {
    response.writeHead(302, { location: 'http://[' }).end()
  }, linkHeader())
  await expect(caller.list()).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
})

test('a blank does not hide another name', async () => {
  const caller = await listing(() => ({ items: [{ id: 'u1', name: ' ', login: 'ann' }] }), linkHeader(), {
    record: { externalId: 'id', displayName: { firstOf: ['name', 'login'] } },
  })
  expect((await caller.list()).resources).toMatchObject([{ displayName: 'ann' }])
})

test('slashes at the end of a base URL are cut in one pass', () => {
  const base = { url: `https://x.example/api${'/'.repeat(100_000)}`, headers: {} }
  expect(wireRequest({ path: '/users' }, base).url.href).toBe('https://x.example/api/users')
  const inside = parseBaseUrl(`https://x.example/api${'/'.repeat(100_000)}x`)
  expect(
    wireRequest({ path: '/users' }, { url: inside.href, headers: {} }).url.href.endsWith('x/users'),
  ).toBe(true)
})

test('a link keeps no secret that stands within another parameter', () => {
  const secret = 'the-secret-key-17'
  const url = new URL('https://x.example/users?at=2&plain=1')
  url.searchParams.set('back', `https://x.example/?k=${encodeURIComponent(encodeURIComponent(`/${secret}`))}`)
  url.searchParams.set('state', Buffer.from(`{"key":"${secret}"}`).toString('base64url'))
  url.searchParams.set('both', encodeURIComponent(Buffer.from(`k=${secret}`).toString('base64')))
  expect(withoutParameters(url, [['key', secret]]).search).toBe('?at=2&plain=1')
})

test.each([
  '::ffff:0:10.0.0.1',
  '168.63.129.16',
  '::ffff:168.63.129.16',
  '100:0:0:1::1',
  '192.175.48.1',
  '2620:4f:8000::1',
])('%s is not the public internet', (address) => expect(addressPolicy([]).allows(address)).toBe(false))
