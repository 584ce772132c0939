import {
  bodyLink,
  bodyToken,
  exportJob,
  graphqlPageInfo,
  type HttpRequest,
  headerToken,
  linkHeader,
  offset,
  type Paginator,
  pageNumber,
  paginate,
  type RecordSelector,
  rangeHeader,
  readPath,
  singlePage,
} from '@syncline/connector-http'
import { systemClock } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf, idsByPage, users } from './call.ts'
import { type Answer, type SeenRequest, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

interface Listing {
  readonly answer: Answer
  readonly paginator: Paginator
  readonly records?: RecordSelector
  readonly request?: HttpRequest
  readonly clock?: typeof systemClock
}

async function listingOf({ answer, paginator, records = 'items', request, clock }: Listing) {
  const server = await serve(answer)
  servers.push(server)
  const caller = callerOf({
    baseUrl: `${server.url}/api/v1/`,
    stream: { paginator, records, ...(request && { request }) },
    ...(clock && { context: { clock } }),
  })
  return { server, caller }
}

const query = (server: TestServer): string[] => server.seen.map(({ url }) => url.search)
const all = users(5)
const three = [['u1', 'u2'], ['u3', 'u4'], ['u5']]
const slice = ({ url }: SeenRequest, from: string, size = 2) => {
  const start = Number(url.searchParams.get(from) ?? 0)
  return { items: all.slice(start, start + size), start }
}

describe('paginators find every page and end with the last', () => {
  test('singlePage', async () => {
    const { caller, server } = await listingOf({ answer: () => all, paginator: singlePage(), records: '' })
    expect(await idsByPage(caller)).toEqual([['u1', 'u2', 'u3', 'u4', 'u5']])
    expect(query(server)).toEqual([''])
  })

  test('pageNumber: until an empty page, because a short page is not the end', async () => {
    const pages = [['u1', 'u2'], ['u3'], ['u4', 'u5'], []]
    const { caller, server } = await listingOf({
      answer: ({ url }) => ({
        items: pages[Number(url.searchParams.get('page')) - 1]?.map((id) => ({ id })),
      }),
      paginator: pageNumber({ size: 'per_page' }),
    })
    expect(await idsByPage(caller)).toEqual(pages)
    expect(query(server)).toEqual([1, 2, 3, 4].map((page) => `?page=${page}&per_page=2`))
  })

  test.each([
    ['total', pageNumber({ page: 'p', first: 0, total: 'total' })],
    ['totalPages', pageNumber({ page: 'p', first: 0, totalPages: 'pages' })],
    ['more', pageNumber({ page: 'p', first: 0, more: 'more' })],
    ['shortPageEnds', pageNumber({ page: 'p', first: 0, shortPageEnds: true })],
  ])('pageNumber: until %s says so, without a request for an empty page', async (_, paginator) => {
    const { caller, server } = await listingOf({
      answer: ({ url }) => {
        const start = Number(url.searchParams.get('p')) * 2
        return { items: all.slice(start, start + 2), total: 5, pages: 3, more: start + 2 < 5 }
      },
      paginator,
    })
    expect(await idsByPage(caller)).toEqual(three)
    expect(server.seen).toHaveLength(3)
  })

  test('offset: goes on after what it received, and respects the most a page may hold', async () => {
    const { caller, server } = await listingOf({
      answer: (request) => ({ ...slice(request, 'skip'), total: 5 }),
      paginator: offset({ offset: 'skip', size: 'limit', total: 'total', maxPageSize: 100 }),
    })
    expect(await idsByPage(caller, { pageSize: 500 })).toEqual(three)
    expect(query(server)).toEqual(['?skip=0&limit=100', '?skip=2&limit=100', '?skip=4&limit=100'])
  })

  test('offset: counts from 1 where the vendor does, and writes into a JSON body', async () => {
    const { caller, server } = await listingOf({
      answer: ({ body }) => {
        const { startIndex, count } = JSON.parse(body)
        return { items: all.slice(startIndex - 1, startIndex - 1 + count), totalResults: 5 }
      },
      request: { method: 'POST', path: '/search', json: { filter: 'active' } },
      paginator: offset({
        offset: 'startIndex',
        first: 1,
        size: 'count',
        total: 'totalResults',
        place: 'json',
      }),
    })
    expect(await idsByPage(caller)).toEqual(three)
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({ filter: 'active', startIndex: 3, count: 2 })
  })

  test('offset: an empty page where upstream says there is more is an error, not an end', async () => {
    const { caller } = await listingOf({
      answer: () => ({ items: [], total: 5 }),
      paginator: offset({ total: 'total' }),
    })
    await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
  })

  test.each([null, '', undefined])('bodyToken: ends with %s', async (end) => {
    const { caller, server } = await listingOf({
      answer: (request) => {
        const { items, start } = slice(request, 'cursor')
        return { items, meta: { 'next.cursor': start + 2 < 5 ? start + 2 : end } }
      },
      paginator: bodyToken({ from: ['meta', 'next.cursor'], token: 'cursor', size: 'limit' }),
    })
    expect(await idsByPage(caller)).toEqual(three)
    expect(query(server)[1]).toBe('?limit=2&cursor=2')
  })

  test('bodyToken: a function writes the token', async () => {
    const { caller, server } = await listingOf({
      answer: ({ headers }) => ({ items: users(1), next: headers['x-page'] ? null : 'p2' }),
      paginator: bodyToken({
        from: 'next',
        token: (request, token) => ({ ...request, headers: { 'x-page': token } }),
      }),
    })
    await idsByPage(caller)
    expect(server.seen.map(({ headers }) => headers['x-page'])).toEqual([undefined, 'p2'])
  })

  test('headerToken', async () => {
    const { caller } = await listingOf({
      answer: (request, response) => {
        const { items, start } = slice(request, 'after')
        if (start + 2 < 5) response.setHeader('After-Cursor', String(start + 2))
        return { items }
      },
      paginator: headerToken({ header: 'After-Cursor', token: 'after' }),
    })
    expect(await idsByPage(caller)).toEqual(three)
  })

  test('linkHeader: among other links, over several headers, relative or absolute', async () => {
    const { caller, server } = await listingOf({
      answer: (request, response) => {
        const { items, start } = slice(request, 'after')
        const next = start === 0 ? `http://${request.headers.host}/api/v1/users?after=2` : '?after=4'
        const self = '<https://elsewhere.example/self>; rel="self"'
        const links = start < 4 ? [self, `<${next}>; title="a, b"; rel="next"`] : [self]
        response.setHeader('link', start === 2 ? links.join(', ') : links)
        return { items }
      },
      paginator: linkHeader({ size: 'limit' }),
      request: { path: '/users', query: { status: 'all' } },
    })
    expect(await idsByPage(caller)).toEqual(three)
    expect(query(server)).toEqual(['?status=all&limit=2', '?after=2', '?after=4'])
  })

  test('bodyLink: a cursor holds no origin', async () => {
    const { caller } = await listingOf({
      answer: (request) => {
        const { items, start } = slice(request, 'after')
        const next = `http://${request.headers.host}/api/v1/users?after=${start + 2}`
        return { items, '@odata.nextLink': start < 4 ? next : undefined }
      },
      paginator: bodyLink({ from: ['@odata.nextLink'] }),
    })
    expect((await caller.list()).nextCursor).toBe('/api/v1/users?after=2')
    expect(await idsByPage(caller)).toEqual(three)
  })

  test('a link to another origin is refused before it becomes a cursor, and as a cursor', async () => {
    const { caller, server } = await listingOf({
      answer: () => ({ items: users(1), next: 'https://evil.example/users' }),
      paginator: bodyLink({ from: 'next' }),
    })
    await expect(caller.list()).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      details: { reason: 'other_origin' },
    })
    await expect(caller.list({ cursor: 'https://evil.example/users' })).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
    })
    expect(server.seen).toHaveLength(1)
  })

  test('graphqlPageInfo', async () => {
    const { caller, server } = await listingOf({
      answer: ({ body }) => {
        const { after = 0, first } = JSON.parse(body).variables
        const end = Number(after) + first
        const pageInfo = { hasNextPage: end < 5, endCursor: String(end) }
        return { data: { users: { nodes: all.slice(Number(after), end), pageInfo } } }
      },
      records: 'data.users.nodes',
      request: { method: 'POST', json: { query: 'query { … }', variables: { team: 't' } } },
      paginator: graphqlPageInfo({ pageInfo: 'data.users.pageInfo' }),
    })
    expect(await idsByPage(caller)).toEqual(three)
    expect(JSON.parse(server.seen[1]?.body ?? '').variables).toEqual({ team: 't', first: 2, after: '2' })
  })

  test.each(['5', '*'])('rangeHeader, with a total of %s', async (total) => {
    const { caller, server } = await listingOf({
      answer: ({ headers }, response) => {
        const [, from = 0, to = 0] = /^items=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
        response.setHeader('content-range', `items ${from}-${to}/${total}`)
        return all.slice(Number(from), Number(to) + 1)
      },
      records: '',
      paginator: rangeHeader(),
    })
    expect(await idsByPage(caller)).toEqual(total === '*' ? [...three, []] : three)
    expect(server.seen[1]?.headers.range).toBe('items=2-3')
  })

  test('paginate: an own paginator of two functions', async () => {
    const { caller } = await listingOf({
      answer: (request) => slice(request, 'gt'),
      paginator: paginate({
        apply: (request, { cursor }) => ({ ...request, query: { gt: cursor } }),
        next: ({ items, cursor = '0' }) => (items.length > 0 ? String(Number(cursor) + 2) : undefined),
      }),
    })
    expect(await idsByPage(caller)).toEqual([...three, []])
  })
})

describe('exportJob', () => {
  const options = {
    jobId: ({ body }: { body: unknown }) => String(readPath(body, 'job')),
    status: (job: string) => ({ path: `/exports/${job}` }),
    readStatus: ({ body }: { body: unknown }) => {
      const state = readPath(body, 'state')
      if (state === 'done') return { state: 'ready' as const, parts: ['1', '2'] }
      return { state: state === 'failed' ? ('failed' as const) : ('waiting' as const) }
    },
    part: (job: string, part: string) => ({ path: `/exports/${job}/parts/${part}` }),
  }
  const upstream =
    (states: string[]): Answer =>
    ({ url, method }) => {
      if (method === 'POST') return { job: 'j1' }
      if (url.pathname.endsWith('/parts/1')) return { items: all.slice(0, 3) }
      if (url.pathname.endsWith('/parts/2')) return { items: all.slice(3) }
      return { state: states.shift() ?? 'done' }
    }
  const request = { method: 'POST', path: '/exports' }

  test('begins a job, waits for it, and reads its parts; the job is in the cursor', async () => {
    const clock = fakeClock({ auto: true })
    const answer = upstream(['queued', 'running', 'done'])
    const { caller, server } = await listingOf({ answer, request, clock, paginator: exportJob(options) })
    expect(await idsByPage(caller)).toEqual([[], ['u1', 'u2', 'u3'], ['u4', 'u5']])
    expect(clock.slept).toEqual([5_000, 5_000])
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  test('a job that takes long gives empty pages with ever new cursors, so that a run can be resumed', async () => {
    const clock = fakeClock({ auto: true })
    const answer = upstream(Array(40).fill('running'))
    const { caller } = await listingOf({ answer, request, clock, paginator: exportJob(options) })
    const cursors: (string | undefined)[] = []
    let found = 0
    for (let cursor: string | undefined; !cursors.includes(cursor); ) {
      cursors.push(cursor)
      const page = await caller.list({ cursor })
      found += page.resources.length
      if (page.nextCursor === undefined) break
      cursor = page.nextCursor
    }
    expect(found).toBe(5)
    // The first begins the job; forty waits of five seconds, twelve to a page; two parts.
    expect(cursors).toHaveLength(1 + 3 + 2)
  })

  test('a job that failed, and a cursor that is none, begin a full listing anew', async () => {
    const { caller } = await listingOf({
      answer: upstream(['failed']),
      request,
      paginator: exportJob(options),
    })
    const { nextCursor } = await caller.list()
    await expect(caller.list({ cursor: nextCursor })).rejects.toMatchObject({ code: 'DELTA_EXPIRED' })
    await expect(caller.list({ cursor: 'garbage' })).rejects.toMatchObject({ code: 'DELTA_EXPIRED' })
  })
})

describe('an answer without what a paginator needs is an error, never an end', () => {
  const cases: readonly (readonly [name: string, paginator: Paginator, body: unknown])[] = [
    ['total', offset({ total: 'total' }), { items: users(1) }],
    ['more', pageNumber({ more: 'more' }), { items: users(1), more: 'yes' }],
    ['totalPages', pageNumber({ totalPages: 'pages' }), { items: users(1), pages: -1 }],
    ['token that is an object', bodyToken({ from: 'next', token: 'c' }), { items: users(1), next: {} }],
    ['link that is a number', bodyLink({ from: 'next' }), { items: users(1), next: 7 }],
    ['pageInfo', graphqlPageInfo({ pageInfo: 'pageInfo' }), { items: users(1) }],
    [
      'endCursor',
      graphqlPageInfo({ pageInfo: 'pageInfo' }),
      { items: users(1), pageInfo: { hasNextPage: true } },
    ],
    ['a readable Link header', linkHeader(), undefined],
    ['Content-Range', rangeHeader(), { items: users(1) }],
  ]
  test.each(cases)('%s', async (_, paginator, body) => {
    const { caller } = await listingOf({
      answer: (_request, response) => {
        response.setHeader('link', 'next: /users')
        return body ?? { items: users(1) }
      },
      paginator,
    })
    await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
  })
})

test('"nothing there" by an error rule is an empty page and an end', async () => {
  const { caller } = await listingOf({
    answer: (_, response) => void response.writeHead(404).end(),
    request: { path: '/teams/gone/members', errorRules: [{ status: 404, action: 'empty' }] },
    paginator: bodyToken({ from: 'next', token: 'c' }),
  })
  expect(await idsByPage(caller)).toEqual([[]])
})
