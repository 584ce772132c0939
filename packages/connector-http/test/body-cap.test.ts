import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { callerOf, users } from './call.ts'
import { gzipBomb } from './gzip-bomb.ts'
import { serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
async function sending(body: Buffer, headers: Record<string, string>): Promise<string> {
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
  })
  servers.push(server)
  return server.url
}

const megabyte = 1024 * 1024

test('a gzip bomb of 300 MB is refused within the byte cap, and memory stays flat', async () => {
  const bomb = await gzipBomb(300 * megabyte)
  expect(bomb.length).toBeLessThan(megabyte)
  const caller = callerOf({ baseUrl: await sending(bomb, { 'content-encoding': 'gzip' }) })
  const before = process.memoryUsage().rss
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 1)
  for (let time = 0; time < 5; time++) {
    await expect(caller.list()).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
      message: expect.stringContaining('longer than 10485760 bytes'),
    })
    most = Math.max(most, process.memoryUsage().rss)
  }
  clearInterval(sampling)
  // Five times ten megabytes may wait for the collector.
  expect((most - before) / megabyte).toBeLessThan(100)
})

test('an endless body without packing is refused at the cap', async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const write = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    }
    response.on('drain', write)
    write()
  })
  servers.push(server)
  const caller = callerOf({ baseUrl: server.url, definition: { maxBodyBytes: megabyte } })
  await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
})

const body = Buffer.from(JSON.stringify(users(1)))
test.each([
  ['gzip', gzipSync(body)],
  ['br', brotliCompressSync(body)],
  ['identity', body],
])('%s is read', async (encoding, packed) => {
  const caller = callerOf({ baseUrl: await sending(packed, { 'content-encoding': encoding }) })
  expect((await caller.list()).resources).toMatchObject([{ externalId: 'u1' }])
})

test.each([
  ['zstd', body],
  ['gzip', body],
  ['gzip', gzipSync(body).subarray(0, 30)],
  ['gzip, gzip', gzipSync(gzipSync(body))],
])('%s that is none, is cut or was not asked for is CONNECTOR_ANSWER_INVALID', async (encoding, packed) => {
  const caller = callerOf({ baseUrl: await sending(packed, { 'content-encoding': encoding }) })
  await expect(caller.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
})

test('a body is read in the charset it names; bytes that are none are an error, not a changed name', async () => {
  const latin = Buffer.from('[{"id":"u1","name":"Zoë"}]', 'latin1')
  const named = callerOf({
    baseUrl: await sending(latin, { 'content-type': 'application/json; charset=iso-8859-1' }),
  })
  expect((await named.list()).resources).toMatchObject([{ displayName: 'Zoë' }])
  const silent = callerOf({ baseUrl: await sending(latin, {}) })
  await expect(silent.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
  const unknown = callerOf({
    baseUrl: await sending(latin, { 'content-type': 'application/json; charset=klingon' }),
  })
  await expect(unknown.list()).rejects.toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
})
