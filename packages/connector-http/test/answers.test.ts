import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { bearer, bodyToken } from '@syncline/connector-http'
import { createSyncline, type ErrorCode, type Run } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { callerOf, users } from './call.ts'
import { gzipBomb } from './gzip-bomb.ts'

/** What upstream does instead of answering a page; raw, because no HTTP library would. */
type Misbehaviour = (socket: Socket, path: string) => void

const http = (head: readonly string[], body: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
const json = 'content-type: application/json'
const answer =
  (status: number, headers: readonly string[] = [], body: string | Buffer = '{"error":"x"}'): Misbehaviour =>
  (socket) =>
    socket.end(
      http([`HTTP/1.1 ${status} X`, json, `content-length: ${Buffer.byteLength(body)}`, ...headers], body),
    )
const page = JSON.stringify({ items: users(2) })

let bomb: Promise<Buffer> | undefined

interface Fault {
  readonly name: string
  readonly misbehave: Misbehaviour
  /** What the kit makes of it; the engine gets over those it may try again. */
  readonly code: ErrorCode
}

const faults: readonly Fault[] = [
  { name: '429', misbehave: answer(429, ['retry-after: 7']), code: 'RATE_LIMITED' },
  { name: '500', misbehave: answer(500), code: 'UPSTREAM_UNAVAILABLE' },
  { name: '502 in HTML', misbehave: answer(502, [], '<html>'), code: 'UPSTREAM_UNAVAILABLE' },
  { name: '503', misbehave: answer(503, ['retry-after: 3']), code: 'UPSTREAM_UNAVAILABLE' },
  {
    name: 'reset before headers',
    misbehave: (socket) => socket.resetAndDestroy(),
    code: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'reset after headers',
    misbehave: (socket) =>
      socket.write(http(['HTTP/1.1 200 OK', json, 'content-length: 99']), () => socket.resetAndDestroy()),
    code: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'short body',
    misbehave: (socket) => socket.end(http(['HTTP/1.1 200 OK', json, 'content-length: 999'], page)),
    code: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'cut chunk',
    misbehave: (socket) =>
      socket.end(http(['HTTP/1.1 200 OK', json, 'transfer-encoding: chunked'], `ff\r\n${page.slice(0, 20)}`)),
    code: 'UPSTREAM_UNAVAILABLE',
  },
  { name: 'never answers', misbehave: () => {}, code: 'UPSTREAM_TIMEOUT' },
  {
    name: 'one byte at a time',
    misbehave(socket) {
      const bytes = http(['HTTP/1.1 200 OK', json, 'content-length: 99999'], page)
      let sent = 0
      const timer = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), 20)
      socket.on('close', () => clearInterval(timer))
    },
    code: 'UPSTREAM_TIMEOUT',
  },
  {
    name: 'login page with 200',
    misbehave: (socket) =>
      socket.end(
        http(['HTTP/1.1 200 OK', 'content-type: text/html', 'connection: close'], '<!doctype html>'),
      ),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  { name: 'null', misbehave: answer(200, [], 'null'), code: 'CONNECTOR_ANSWER_INVALID' },
  { name: '[]', misbehave: answer(200, [], '[]'), code: 'CONNECTOR_ANSWER_INVALID' },
  { name: '{}', misbehave: answer(200, [], '{}'), code: 'CONNECTOR_ANSWER_INVALID' },
  { name: 'truncated JSON', misbehave: answer(200, [], page.slice(0, -9)), code: 'CONNECTOR_ANSWER_INVALID' },
  {
    name: 'two Content-Lengths',
    misbehave: answer(200, ['content-length: 5'], page),
    code: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'not HTTP',
    misbehave: (socket) => socket.end('220 mail ready\r\n'),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  {
    name: '20 kB header',
    misbehave: answer(200, [`x-long: ${'x'.repeat(20_000)}`], page),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  {
    name: 'redirect loop',
    misbehave: (socket, path) => answer(302, [`location: ${path}`])(socket, path),
    code: 'UPSTREAM_REJECTED',
  },
  {
    name: 'redirect to another origin',
    misbehave: answer(302, ['location: http://127.0.0.1:1/users']),
    code: 'UPSTREAM_REJECTED',
  },
  {
    name: 'gzip bomb',
    misbehave: (socket) =>
      void bomb?.then((body) =>
        socket.end(
          http(['HTTP/1.1 200 OK', json, 'content-encoding: gzip', `content-length: ${body.length}`], body),
        ),
      ),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  {
    name: '204',
    misbehave: (socket) => socket.end(http(['HTTP/1.1 204 X'])),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  {
    name: 'Latin-1 without saying so',
    misbehave: answer(200, [], Buffer.from('{"items":[{"id":"u1","name":"Zoë"}]}', 'latin1')),
    code: 'CONNECTOR_ANSWER_INVALID',
  },
  { name: '401', misbehave: answer(401), code: 'UNAUTHORIZED' },
  { name: '403', misbehave: answer(403), code: 'UPSTREAM_REJECTED' },
  { name: '410', misbehave: answer(410), code: 'DELTA_EXPIRED' },
]

/** Three pages of two users; the nth request for a page may go wrong. */
async function raw(faulty: {
  readonly page: number
  readonly misbehave: Misbehaviour
  readonly times: number
}) {
  const asked: string[] = []
  let left = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    socket.on('data', (data) => {
      const [line = ''] = data.toString().split('\r\n')
      const url = new URL(line.split(' ')[1] ?? '/', 'http://x')
      asked.push(url.searchParams.get('cursor') ?? '1')
      const number = Number(asked.at(-1))
      if (number === faulty.page && left > 0) {
        left -= 1
        faulty.misbehave(socket, url.pathname + url.search)
        return
      }
      const items = users(6).slice(number * 2 - 2, number * 2)
      const next = number < 3 ? String(number + 1) : undefined
      answer(200, ['connection: close'], JSON.stringify({ items, next }))(socket, '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const { port } = server.address() as AddressInfo
  const arm = (): void => {
    left = faulty.times
    asked.length = 0
  }
  return { url: `http://127.0.0.1:${port}`, asked, close, arm, left: () => left }
}

const stream = { paginator: bodyToken({ from: 'next', token: 'cursor', size: 'limit' }), records: 'items' }
const maxBodyBytes = 1024 * 1024
const connectorFor = (baseUrl: string, timeoutMs: number) =>
  callerOf({
    baseUrl,
    stream,
    definition: { maxBodyBytes, timeoutMs, authenticator: bearer({ token: () => 'static-token' }) },
  }).connector

const retried = new Set<ErrorCode>(['RATE_LIMITED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT'])
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function syncThrough(fault: {
  page: number
  misbehave: Misbehaviour
  times: number
  timeoutMs: number
}) {
  const upstream = await raw(fault)
  closing.push(upstream.close)
  // Real deadlines, waits that take no time.
  const clock = { ...fakeClock(), sleep: async () => {}, after: realAfter }
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    connectorTypes: [connectorFor(upstream.url, fault.timeoutMs)],
    clock,
    allowedNetworks: ['127.0.0.1'],
  })
  await syncline.connectors.save({ connectorId: 'c', type: 'acme', config: { baseUrl: upstream.url } })
  const scope = { connectorId: 'c', resourceType: 'user' }
  await syncline.configs.save({ ...scope, pageSize: 2 })
  const sync = (): Promise<Run> => syncline.sync(scope)
  await sync()
  upstream.arm()
  return { upstream, sync }
}

// Deadlines of real sockets: a fake clock would end a request before its answer could come.
const realAfter = (ms: number, callback: () => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

describe.each(faults)('upstream fault: $name', ({ misbehave, code, name }) => {
  const timeoutMs = code === 'UPSTREAM_TIMEOUT' ? 150 : 10_000
  if (name === 'gzip bomb') bomb ??= gzipBomb(300 * 1024 * 1024)

  test.each([1, 2, 3])(
    `on page %i is ${code}, with the attempts that earns; nothing goes stale and the next run repairs it`,
    async (at) => {
      await bomb
      const always = await syncThrough({ page: at, misbehave, times: Number.POSITIVE_INFINITY, timeoutMs })
      const failed = await always.sync()
      // A page token that is gone begins one full listing, which meets the same fault.
      const getsOver = retried.has(code) || code === 'DELTA_EXPIRED' || name === 'redirect loop'
      const listings = code === 'DELTA_EXPIRED' ? 2 : 1
      expect(failed).toMatchObject({ error: { code }, stats: { staled: 0 } })
      const asked = always.upstream.asked.filter((number) => number === String(at))
      const attempts = retried.has(code) ? 4 : 1
      const hops = name === 'redirect loop' ? 4 : 1
      expect(asked).toHaveLength(attempts * listings * hops)

      const once = await syncThrough({ page: at, misbehave, times: 1, timeoutMs })
      let run = await once.sync()
      expect(once.upstream.left()).toBe(0)
      if (!getsOver) {
        expect(run.error?.code).toBe(code)
        run = await once.sync()
      }
      expect(run).toMatchObject({ status: 'success', stats: { unchanged: 6, staled: 0 } })
    },
  )
})
