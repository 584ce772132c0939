import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { linkHeader, oauthClientCredentials, pageNumber } from '@syncline/connector-http'
import { type Clock, isSyncError, systemClock } from '@syncline/core'
import { expect, test } from 'vitest'
import { callerOf } from './call.ts'
import { oneOf, seeded, watchLoop } from './loop-watch.ts'
import { serve } from './serve.ts'

const mebibyte = 1024 * 1024
const statuses = [200, 200, 200, 201, 202, 204, 205, 206, 299, 301, 302, 304, 307, 400, 401, 403, 404]
statuses.push(408, 409, 410, 418, 420, 421, 425, 429, 451, 499, 500, 501, 502, 503, 504, 522, 529, 599, 799)

const person = { id: 'u1', name: 'Ann', access_token: 't', expires_in: 60 }
const documents: readonly (string | Buffer)[] = [
  '',
  ' ',
  'null',
  'true',
  '17',
  '"text"',
  '[]',
  '{}',
  '[[]]',
  '{"items":null}',
  '[1,"a",null,{}]',
  ...[person, [person], { items: [person], total: 9 }, { error: 'invalid_grant' }].map((one) =>
    JSON.stringify(one),
  ),
  JSON.stringify([
    { ...person, id: 2 ** 60 },
    { ...person, id: '\ud800' },
    { ...person, name: '\0' },
  ]),
  '[{"id":"u1","__proto__":{"a":1},"constructor":{"prototype":{}}}]',
  '[{"id":"u1","name":"Ann"',
  '<html><body>Log in</body></html>',
  Buffer.from('[{"id":"u1","name":"Zo\xeb"}]', 'latin1'),
  Buffer.from([0xef, 0xbb, 0xbf, 0x5b, 0x5d]),
  Buffer.from([0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00]),
  `[${'{},'.repeat(mebibyte / 3)}{}]`,
  `[${'1,'.repeat(mebibyte / 2)}1]`,
  '['.repeat(mebibyte / 4),
  `[{"id":"u1","name":"${'x'.repeat(mebibyte)}"}]`,
  `[${`${JSON.stringify(person)},`.repeat(12_000)}{}]`,
  `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`).join(',')}}`,
  Buffer.alloc(3 * mebibyte, ' '),
]
const packers: readonly (readonly [string | undefined, (bytes: Buffer) => Buffer])[] = [
  [undefined, (bytes) => bytes],
  ['identity', (bytes) => bytes],
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['br', (bytes) => brotliCompressSync(bytes, { params: { 0: 0, 1: 1 } })],
  ['deflate', deflateSync],
  ['gzip', (bytes) => bytes],
  ['gzip', (bytes) => gzipSync(bytes).subarray(0, 15)],
  ['gzip', () => Buffer.alloc(0)],
  ['gzip, br', gzipSync],
  ['klingon', (bytes) => bytes],
]
const types = ['application/json', 'application/json; charset=utf8mb4', 'Application/JSON;CHARSET="UTF-8"']
types.push(
  'text/html',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-16le',
  ';;charset=',
)
const headers: readonly (readonly [string, string])[] = [
  ['retry-after', '7'],
  ['retry-after', '-1'],
  ['retry-after', '99999999999999999999'],
  ['retry-after', 'Wed, 99 Foo 2026'],
  ['x-ratelimit-reset', '1795262430000000000'],
  ['x-ratelimit-remaining', '0'],
  ['link', `<a>;${' '.repeat(7_000)}x`],
  ['link', '</users?page=2>; rel="Next"'],
  ['link', '<http://[>; rel=next'],
  ['link', '<a'],
  ['location', 'http://['],
  ['location', 'https://elsewhere.example/'],
  ['location', '/users'],
  ['date', 'never'],
  ['x-odd', 'x'.repeat(9_000)],
]

type Ending = 'whole' | 'cut' | 'endless'

/** Deadlines come a hundred times sooner. */
const clock: Clock = {
  ...systemClock,
  after(ms, ring) {
    const timer = setTimeout(ring, ms / 100)
    return () => clearTimeout(timer)
  },
}

function send(response: ServerResponse, random: () => number): void {
  const [encoding, pack] = oneOf(random, packers)
  const body = pack(Buffer.from(oneOf(random, documents)))
  const ending: Ending = oneOf(random, [
    'whole',
    'whole',
    'whole',
    'whole',
    'whole',
    'whole',
    'whole',
    'cut',
    'endless',
  ])
  response.statusCode = oneOf(random, statuses)
  response.setHeader('content-type', oneOf(random, types))
  if (encoding !== undefined) response.setHeader('content-encoding', encoding)
  for (let more = Math.floor(random() * 4); more > 0; more--) response.appendHeader(...oneOf(random, headers))
  response.on('error', () => undefined)
  if (ending === 'whole') response.end(body)
  else response.write(body.length === 0 ? ' ' : body, () => ending === 'cut' && response.destroy())
}

test('1,000 mutated responses to list, get, check and token are each a right result or a typed error', async () => {
  const random = seeded(1_304)
  const server = await serve((_, response) => send(response, random))
  const credential = {
    tenantId: 't1',
    ref: 'r',
    version: 1,
    state: 'active',
    savedAt: new Date(0),
    values: { clientId: 'id', clientSecret: 'secret-0001' },
  } as const
  const definition = {
    timeoutMs: 20_000,
    maxBodyBytes: 2 * mebibyte,
    // Every response is judged by itself.
    circuitBreaker: { failures: 100_000 },
    check: { path: '/me' },
  }
  const stream = { get: () => ({ path: '/users/u1' }), total: 'total' }
  const plain = [linkHeader(), pageNumber({ total: 'total' })].map((paginator, index) =>
    callerOf({
      baseUrl: server.url,
      definition,
      context: { clock },
      stream: { ...stream, paginator, records: index === 0 ? '' : 'items' },
    }),
  )
  const get = async () => credential
  const withToken = callerOf({
    baseUrl: server.url,
    definition: { ...definition, authenticator: oauthClientCredentials({ tokenUrl: '/token' }) },
    context: {
      clock,
      credential: {
        get,
        getFresh: get,
        reload: get,
        refresh: async (_, exchange) => ({
          ...credential,
          ...(await exchange(credential, new AbortController().signal)),
        }),
      },
    },
  })
  const signal = new AbortController().signal
  const [byLink = withToken, byNumber = withToken] = plain
  const calls = [
    () => byLink.list(),
    () => byNumber.list(),
    () => byLink.connector.resourceTypes.user?.get?.({ externalId: 'u1', signal }, byLink.context),
    () => byLink.connector.check?.(byLink.context),
    () => withToken.list(),
  ]
  const outcomes = new Map<string, number>()
  const watched = watchLoop()
  for (let count = 0; count < 1_000; count++) {
    const outcome = await Promise.resolve(calls[count % calls.length]?.()).then(
      () => 'result',
      (error: unknown) => (isSyncError(error) ? error.code : String(error)),
    )
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  const cost = watched()
  process.stdout.write(`mutated responses: ${JSON.stringify({ ...Object.fromEntries(outcomes), ...cost })}\n`)
  await server.close()
  expect([...outcomes.keys()].filter((outcome) => !/^(result|[A-Z_]+)$/.test(outcome))).toEqual([])
  expect(outcomes.get('result')).toBeGreaterThan(20)
  // The server packs its bodies in the same process; other processes take their share of the time.
  expect(cost.longestMs).toBeLessThan(1_000)
  expect(cost.grownMb).toBeLessThan(500)
})
