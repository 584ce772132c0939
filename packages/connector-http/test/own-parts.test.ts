import { type Paginator, type Stream, singlePage, withParameter } from '@syncline/connector-http'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf, users } from './call.ts'
import { serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(stream: Partial<Stream<{ baseUrl: string }>>) {
  const server = await serve(() => users(2))
  servers.push(server)
  return { server, caller: callerOf({ baseUrl: server.url, stream }) }
}

describe('parts of one’s own', () => {
  test('a paginator may find out how many records there are in all', async () => {
    const paginator: Paginator = {
      readPage: async (turn) => ({ ...(await singlePage().readPage(turn)), total: 7 }),
    }
    const { caller } = await start({ paginator })
    expect((await caller.list()).totalEstimate).toBe(7)
  })

  test('what writes "changed since" sees the connector’s config', async () => {
    const { caller, server } = await start({
      incremental: (request, value, { config }) =>
        withParameter(request, { name: new URL(config.baseUrl).hostname, value }),
    })
    await caller.list({ modifiedSince: '2026-01-01T00:00:00.000Z' })
    expect(server.seen[0]?.url.searchParams.get('127.0.0.1')).toBe('2026-01-01T00:00:00.000Z')
  })
})
