import { apiKey, bodyLink, linkHeader, signedRequest } from '@syncline/connector-http'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf, users } from './call.ts'
import { type Answer, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const key = 'query-key-0123456789'

/** The first page's cursor, and the query the next page was asked for with. */
async function follow(
  answer: Answer,
  authenticator = apiKey({ query: 'api_key' }),
  paginator = bodyLink({ from: 'next' }),
) {
  const server = await serve((request, response) =>
    request.url.searchParams.has('page') ? { items: users(1) } : answer(request, response),
  )
  servers.push(server)
  const caller = callerOf({
    baseUrl: server.url,
    values: { apiKey: key },
    stream: { records: 'items', paginator },
    definition: { authenticator },
  })
  const { nextCursor } = await caller.list()
  await caller.list({ cursor: nextCursor })
  return { cursor: nextCursor, asked: server.seen.at(-1)?.url.searchParams }
}

const linkTo =
  (next: string): Answer =>
  () => ({ items: users(1), next })

describe('a key in the query is struck from links before they become cursors', () => {
  test.each([
    ['under its own name', `/users?api_key=${key}&page=2`],
    ['in another case', '/users?page=2&API_Key=an-older-one'],
    ['under another name', `/users?page=2&echo=${key}`],
    ['more than once', `/users?api_key=${key}&page=2&api_key=old`],
  ])('%s', async (_, next) => {
    const { cursor, asked } = await follow(linkTo(next))
    expect(cursor).toBe('/users?page=2')
    expect(asked?.getAll('api_key')).toEqual([key])
  })

  test('in a Link header', async () => {
    const answer: Answer = (_, response) => {
      response.setHeader('link', `</users?page=2&api_key=${key}>; rel="next"`)
      return { items: users(1) }
    }
    expect((await follow(answer, undefined, linkHeader())).cursor).toBe('/users?page=2')
  })

  test('after a redirect that carries it', async () => {
    const answer: Answer = ({ url }, response) =>
      url.pathname === '/users'
        ? void response.writeHead(302, { location: `/people?api_key=${key}` }).end()
        : { items: users(1), next: `/people?page=2&api_key=${key}` }
    expect((await follow(answer)).cursor).toBe('/people?page=2')
  })

  test('and so is whatever else an authenticator writes into the query', async () => {
    const signed = signedRequest((request, { values }) => {
      const url = new URL(request.url)
      url.searchParams.set('signature', `of-${values.apiKey}`)
      return { ...request, url }
    })
    const { cursor } = await follow(linkTo(`/users?page=2&signature=of-${key}`), signed)
    expect(cursor).toBe('/users?page=2')
  })

  test('the rest of a link stays as upstream wrote it', async () => {
    const next = '/users?page=2&after=a%20b+c%2Fd&v=1'
    expect((await follow(linkTo(next))).cursor).toBe(next)
  })
})
