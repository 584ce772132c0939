import { path, type Stream } from '@syncline/connector-http'
import type { UpstreamRecord } from '@syncline/core'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf } from './call.ts'
import { type Answer, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type UserStream = Partial<Stream<{ baseUrl: string }>>

/** Gets the user `a/1` from a server. */
async function getUser(answer: Answer, stream: UserStream): Promise<UpstreamRecord | null | undefined> {
  const server = await serve(answer)
  servers.push(server)
  const { connector, context } = callerOf({ baseUrl: server.url, stream })
  const request = { externalId: 'a/1', signal: new AbortController().signal }
  const found = await connector.resourceTypes.user?.get?.(request, context)
  return found?.success ? found.payload : undefined
}

const get = (externalId: string) => ({ path: path`/users/${externalId}` })

describe('get', () => {
  test('is there where the stream says where one record is', async () => {
    const { connector } = callerOf({ baseUrl: 'https://acme.example' })
    expect(connector.resourceTypes.user && 'get' in connector.resourceTypes.user).toBe(false)
  })

  test('maps and hydrates a record as listings do', async () => {
    const record = await getUser(({ url }) => ({ id: url.pathname, name: 'Ada', dept: 'R&D' }), {
      get,
      hydrate: async (item) => ({ ...item, teams: ['t1'] }),
    })
    expect(record).toEqual({
      externalId: '/users/a%2F1',
      displayName: 'Ada',
      attributes: { dept: 'R&D', teams: ['t1'] },
    })
  })

  test.each([404, 410])('%i means that there is none', async (status) => {
    const gone: Answer = (_, response) => {
      response.statusCode = status
      return {}
    }
    expect(await getUser(gone, { get })).toBeNull()
  })

  test.each([
    [403, {}, 'UPSTREAM_REJECTED'],
    [500, {}, 'UPSTREAM_UNAVAILABLE'],
    [200, [], 'CONNECTOR_ANSWER_INVALID'],
    [200, 'text', 'CONNECTOR_ANSWER_INVALID'],
  ])('%i with %j is never taken for none', async (status, body, code) => {
    const answer: Answer = (_, response) => {
      response.statusCode = status
      return body
    }
    await expect(getUser(answer, { get })).rejects.toMatchObject({ code })
  })

  test('may be a function beside a list function', async () => {
    const own: UserStream = {
      list: async () => ({ success: true, payload: { resources: [] } }),
      get: async (externalId, { config }) => ({ externalId, displayName: config.baseUrl, attributes: {} }),
    }
    expect(await getUser(() => ({}), own)).toMatchObject({ externalId: 'a/1' })
  })
})
