import {
  bodyToken,
  type ErrorRule,
  type HttpConnectorDefinition,
  httpConnector,
  readPath,
  resetWaitMs,
} from '@syncline/connector-http'
import { createSyncline, type Run } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { users } from './call.ts'
import { serve, type TestServer } from './serve.ts'

const start = new Date('2026-01-01T00:00:00.000Z')
const startS = start.getTime() / 1000
const date = (offsetS: number): string => new Date(start.getTime() + offsetS * 1000).toUTCString()

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

interface Throttled {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: unknown
  readonly rules?: readonly ErrorRule[]
  /** How much upstream's clock is ahead of ours. @default no Date header */
  readonly upstreamAheadMs?: number
  readonly times?: number
}

/** One run against an upstream that throttles the second page; what was waited, and what was asked. */
async function runThrottled(throttled: Throttled) {
  const clock = fakeClock({ start, auto: true })
  let left = throttled.times ?? 1
  const server = await serve(({ url }, response) => {
    response.sendDate = false
    const page = Number(url.searchParams.get('cursor') ?? 1)
    if (page === 2 && left > 0) {
      left -= 1
      const { upstreamAheadMs, status = 429, headers = {}, body = {} } = throttled
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      if (upstreamAheadMs !== undefined) {
        response.setHeader('date', new Date(clock.now().getTime() + upstreamAheadMs).toUTCString())
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return undefined
    }
    return { items: users(6).slice(page * 2 - 2, page * 2), next: page < 3 ? page + 1 : null }
  })
  servers.push(server)
  const definition: HttpConnectorDefinition<{ baseUrl: string }> = {
    type: 'vendor',
    displayName: 'Vendor',
    configSchema: z.object({ baseUrl: z.string() }),
    baseUrl: ({ baseUrl }) => baseUrl,
    errorRules: throttled.rules ?? [],
    streams: {
      user: {
        request: { path: '/users' },
        records: 'items',
        paginator: bodyToken({ from: 'next', token: 'cursor' }),
        record: { externalId: 'id', displayName: 'name' },
      },
    },
  }
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    clock,
    random: () => 0,
    connectorTypes: [httpConnector(definition)],
    allowedNetworks: ['127.0.0.1'],
  })
  await syncline.connectors.save({ connectorId: 'v', type: 'vendor', config: { baseUrl: server.url } })
  const sync = (): Promise<Run> => syncline.sync({ connectorId: 'v', resourceType: 'user' })
  return { run: await sync(), sync, waits: clock.slept, asked: server.seen.length }
}

/** The engine's own wait where upstream says nothing: half of a second, without jitter. */
const backoff = 500

describe('Retry-After is never undercut, and each wait is one request more', () => {
  const forms: readonly (readonly [name: string, headers: Throttled['headers'], waitMs: number])[] = [
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['zero', { 'retry-after': '0' }, backoff],
    ['a negative number', { 'retry-after': '-5' }, 60_000],
    ['a fraction', { 'retry-after': '1.5' }, 1_500],
    ['garbage', { 'retry-after': 'soon' }, 60_000],
    ['nothing', {}, backoff],
    ['an empty value', { 'retry-after': '' }, backoff],
    ['an HTTP date', { 'retry-after': date(30) }, 30_000],
    ['a date of RFC 850', { 'retry-after': 'Thursday, 01-Jan-26 00:00:30 GMT' }, 30_000],
    ['a date of asctime', { 'retry-after': 'Thu Jan  1 00:00:30 2026' }, 30_000],
    ['a date in the past', { 'retry-after': date(-30) }, backoff],
    ['several, of which the longest', { 'retry-after': ['3', '9', '5'] }, 9_000],
    [
      'X-RateLimit-Reset in seconds since 1970',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${startS + 20}` },
      20_000,
    ],
    [
      'X-Rate-Limit-Reset (Okta)',
      { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': `${startS + 20}` },
      20_000,
    ],
    ['a reset in milliseconds since 1970', { 'x-ratelimit-reset': `${start.getTime() + 12_345}` }, 12_345],
    ['RateLimit-Reset in seconds from now', { 'ratelimit-reset': '40' }, 40_000],
    ['a reset as an ISO time', { 'x-ratelimit-reset': '2026-01-01T00:00:25Z' }, 25_000],
    ['a reset in the past', { 'x-ratelimit-reset': `${startS - 20}` }, backoff],
    [
      'the longer of Retry-After and a reset',
      { 'retry-after': '2', 'x-ratelimit-reset': `${startS + 8}` },
      8_000,
    ],
    [
      'the reset of a budget that is not spent counts for nothing',
      { 'retry-after': '2', 'x-ratelimit-remaining': '99', 'x-ratelimit-reset': `${startS + 60}` },
      2_000,
    ],
  ]
  test.each(forms)('%s', async (_, headers, waitMs) => {
    const { run, waits, asked } = await runThrottled(headers ? { headers } : {})
    expect(run).toMatchObject({ status: 'success', stats: { added: 6 } })
    expect(waits).toEqual([waitMs])
    expect(asked).toBe(4)
  })

  test.each([-3_600_000, 3_600_000])(
    'a date is compared with the clock of upstream, %d ms ahead of ours',
    async (upstreamAheadMs) => {
      const headers = { 'retry-after': date(upstreamAheadMs / 1000 + 30) }
      const { waits } = await runThrottled({ headers, upstreamAheadMs })
      expect(waits).toEqual([30_000])
    },
  )

  test.each([
    ['seconds', { 'retry-after': '3600' }],
    ['a huge number', { 'retry-after': '99999999999999999999' }],
    ['a date', { 'retry-after': date(3600) }],
    ['a reset', { 'x-ratelimit-reset': `${startS + 3600}` }],
  ])(
    'a wait above the cap, as %s, is not clamped: the run ends and the next one goes on',
    async (_, headers) => {
      const { run, sync, waits, asked } = await runThrottled({ headers })
      expect(run).toMatchObject({ status: 'partial', error: { code: 'RATE_LIMITED' }, stats: { added: 2 } })
      expect(run.error?.details?.retryAfterMs).toBeGreaterThanOrEqual(3_600_000)
      expect(waits).toEqual([])
      expect(asked).toBe(2)
      expect(await sync()).toMatchObject({ status: 'success', stats: { added: 6, pagesProcessed: 3 } })
    },
  )

  test('upstream that keeps asking is asked four times, with every wait obeyed', async () => {
    const { run, waits, asked } = await runThrottled({ headers: { 'retry-after': '5' }, times: 99 })
    expect(run).toMatchObject({ status: 'partial', error: { code: 'RATE_LIMITED' } })
    expect(waits).toEqual([5_000, 5_000, 5_000])
    expect(asked).toBe(5)
  })
})

describe('throttle dialects', () => {
  const slow: ErrorRule = {
    when: ({ body }) => readPath(body, ['errors', '0', 'extensions', 'code']) === 'too_many_requests',
    action: 'throttle',
    waitMs: ({ body }, now) =>
      resetWaitMs(Number(readPath(body, ['errors', '0', 'extensions', 'metadata', 'retryAfter'])), now),
  }
  const fireflies = {
    errors: [
      { extensions: { code: 'too_many_requests', metadata: { retryAfter: start.getTime() + 45_000 } } },
    ],
  }
  const slack: ErrorRule = {
    when: ({ body }) => readPath(body, 'error') === 'ratelimited',
    action: 'throttle',
  }
  const dialects: readonly (readonly [name: string, throttled: Throttled, waitMs: number])[] = [
    ['403 with Retry-After (GitHub, secondary)', { status: 403, headers: { 'retry-after': '60' } }, 60_000],
    [
      '403 with a spent budget (GitHub, primary)',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${startS + 90}` } },
      90_000,
    ],
    [
      '409 with X-RateLimit-ToWait-Sec (Qualys)',
      { status: 409, headers: { 'x-ratelimit-towait-sec': '33' } },
      33_000,
    ],
    ['420 (Statuspage)', { status: 420 }, backoff],
    ['503 with Retry-After (InsightVM)', { status: 503, headers: { 'retry-after': '15' } }, 15_000],
    [
      '200 with ok: false (Slack)',
      {
        status: 200,
        body: { ok: false, error: 'ratelimited' },
        headers: { 'retry-after': '30' },
        rules: [slack],
      },
      30_000,
    ],
    [
      '200 with a GraphQL error and a time in milliseconds (Fireflies)',
      { status: 200, body: fireflies, rules: [slow] },
      45_000,
    ],
  ]
  test.each(dialects)('%s', async (_, throttled, waitMs) => {
    const { run, waits } = await runThrottled(throttled)
    expect(run.status).toBe('success')
    expect(waits).toEqual([waitMs])
  })

  test.each([
    ['403 alone', { status: 403 }, 'UPSTREAM_REJECTED'],
    ['403 with budget left', { status: 403, headers: { 'x-ratelimit-remaining': '5' } }, 'UPSTREAM_REJECTED'],
    ['409 alone', { status: 409 }, 'UPSTREAM_REJECTED'],
  ])('%s is no throttle', async (_, throttled, code) => {
    const { run, asked } = await runThrottled(throttled)
    expect(run.error?.code).toBe(code)
    expect(asked).toBe(2)
  })
})
