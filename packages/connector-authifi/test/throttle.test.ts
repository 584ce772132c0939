import { describe, expect, test } from 'vitest'
import { expected, listed, setAuthifiStage } from './authifi-stage.ts'
import type { Reply } from './vendor/exchange.ts'
import { createTenant } from './vendor/tenant.ts'

const date = (clockAt: Date, seconds: number): string =>
  new Date(clockAt.getTime() + seconds * 1_000).toUTCString()

describe('an instance that asks for a pause is left alone for as long as it says', () => {
  const ways: readonly (readonly [name: string, reply: (now: Date, seconds: number) => Reply])[] = [
    ['429 with seconds', (_, seconds) => ({ status: 429, headers: { 'retry-after': String(seconds) } })],
    ['429 with a date', (now, seconds) => ({ status: 429, headers: { 'retry-after': date(now, seconds) } })],
    ['503 with seconds', (_, seconds) => ({ status: 503, headers: { 'retry-after': String(seconds) } })],
    ['403 with seconds', (_, seconds) => ({ status: 403, headers: { 'retry-after': String(seconds) } })],
    [
      'a spent budget',
      (now, seconds) => ({
        status: 429,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.ceil(now.getTime() / 1_000) + seconds),
        },
      }),
    ],
  ]

  test.each(ways)('%s', async (_, reply) => {
    const stage = await setAuthifiStage({ pageSize: 3 })
    const at: number[] = []
    stage.server.interfere = ({ query, at: now }) => {
      if (!query.get('filter')?.includes('"gt":3')) return undefined
      at.push(now)
      return at.length === 1 ? { body: {}, ...reply(stage.clock.now(), 20) } : undefined
    }
    expect(await stage.sync()).toMatchObject({ status: 'success', stats: { added: 9 } })
    const [first = 0, second = 0] = at
    expect(at).toHaveLength(2)
    expect(second - first).toBeGreaterThanOrEqual(20_000)
  })

  test.each(ways)('%s, for longer than the host allows: the run ends and goes on later', async (_, reply) => {
    const stage = await setAuthifiStage({ pageSize: 3 })
    let throttled = true
    stage.server.interfere = ({ query }) =>
      throttled && query.get('filter')?.includes('"gt":3')
        ? { body: {}, ...reply(stage.clock.now(), 3_600) }
        : undefined
    const run = await stage.sync()
    expect(run.status).not.toBe('success')
    expect(run.stats).toMatchObject({ staled: 0, pagesProcessed: 1 })
    expect(Number(run.error?.details?.retryAfterMs)).toBeGreaterThanOrEqual(3_590_000)
    throttled = false
    const asked = listed(stage).length
    await stage.clock.advance(3_600_000)
    expect((await stage.sync()).status).toBe('success')
    expect(listed(stage).length - asked).toBe(3)
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })

  test('without saying for how long: it is asked again by and by, three times', async () => {
    const stage = await setAuthifiStage({ config: { counts: false } })
    stage.server.interfere = ({ path }) => (path.endsWith('/users') ? { status: 429, body: {} } : undefined)
    expect((await stage.sync()).error?.code).toBe('RATE_LIMITED')
    expect(listed(stage)).toHaveLength(4)
  })
})

describe('rate limits', () => {
  test('of the config are kept to, also by two types at once', async () => {
    const rateLimit = { windows: [{ limit: 3, perMs: 1_000 }], minSpacingMs: 300, concurrency: 1 }
    const stage = await setAuthifiStage({
      tenants: { acme: createTenant({ users: 40, groups: 40 }) },
      pageSize: 5,
      dialect: { perSecond: 3, atOnce: 1 },
      config: { rateLimit },
    })
    const runs = await Promise.all([stage.sync(), stage.sync('group')])
    expect(runs.map(({ status }) => status)).toEqual(['success', 'success'])
    expect(stage.server.excess()).toBe(0)
    const at = stage.server.seen.map((request) => request.at)
    expect(
      Math.min(...at.slice(1).map((instant, index) => instant - (at[index] ?? 0))),
    ).toBeGreaterThanOrEqual(300)
  })

  test('of the instance that are lower than those of the config are felt', async () => {
    const stage = await setAuthifiStage({
      pageSize: 1,
      dialect: { perSecond: 3 },
      limits: { maxRetries: 10 },
    })
    expect((await stage.sync()).status).toBe('success')
    expect(stage.server.excess()).toBeGreaterThan(0)
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })
})

describe('answers that are none', () => {
  test('one that is longer than maxAnswerBytes is given up', async () => {
    const stage = await setAuthifiStage({ config: { maxAnswerBytes: 300 } })
    expect((await stage.sync()).error?.code).toBe('CONNECTOR_ANSWER_INVALID')
  })

  const garbled: readonly (readonly [name: string, reply: Reply, code: string])[] = [
    [
      'a login page',
      { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>' },
      'CONNECTOR_ANSWER_INVALID',
    ],
    ['cut JSON', { status: 200, text: '[{"id": 1' }, 'CONNECTOR_ANSWER_INVALID'],
    ['nothing', { status: 200, text: '' }, 'CONNECTOR_ANSWER_INVALID'],
    ['null', { status: 200, text: 'null' }, 'CONNECTOR_ANSWER_INVALID'],
    [
      'a LoopBack error with a 200',
      { status: 200, body: { error: { statusCode: 500 } } },
      'CONNECTOR_ANSWER_INVALID',
    ],
    ['400', { status: 400, body: {} }, 'UPSTREAM_REJECTED'],
    ['404', { status: 404, body: {} }, 'UPSTREAM_REJECTED'],
    ['500', { status: 500, body: {} }, 'UPSTREAM_UNAVAILABLE'],
  ]
  test.each(garbled)('%s on the second page ends the run, and nothing goes stale', async (_, reply, code) => {
    const stage = await setAuthifiStage({ pageSize: 3 })
    await stage.sync()
    stage.server.interfere = ({ query }) => (query.get('filter')?.includes('"gt":3') ? reply : undefined)
    const run = await stage.sync()
    expect(run.error?.code).toBe(code)
    expect(run.stats).toMatchObject({ staled: 0, pagesProcessed: 1 })
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })
})
