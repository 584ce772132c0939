import { type ErrorCode, isSyncError, type SyncError } from '@syncline/core'
import {
  createDirectory,
  createFaults,
  type Fault,
  type FaultEffect,
  garbageForms,
  retryAfterForms,
  startUpstream,
  type Upstream,
} from '@syncline/testing/upstream'
import { afterEach, describe, expect, test } from 'vitest'
import { get, getPage, idsOf, list, readListing } from './reading.ts'

const now = new Date('2026-01-01T12:00:00.250Z')
const running: Upstream[] = []

async function start(...faults: readonly Fault[]): Promise<Upstream> {
  const directory = createDirectory({ now: () => now })
  for (let index = 0; index < 10; index++) directory.put('user', { id: `u${index}`, name: `User ${index}` })
  const upstream = await startUpstream({ directory, faults })
  running.push(upstream)
  return upstream
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((upstream) => upstream.close()))
})

async function errorOf(call: Promise<unknown>): Promise<SyncError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isSyncError(error)) throw new Error(`Expected an error of Syncline, got ${String(error)}`)
  return error
}

const longMs = 600_000

const failures: readonly (readonly [string, FaultEffect, ErrorCode])[] = [
  ...Object.entries(retryAfterForms).map(
    ([form, retryAfter]) =>
      [`429 with Retry-After ${form}`, { kind: 'status', status: 429, retryAfter }, 'RATE_LIMITED'] as const,
  ),
  ...[500, 502, 503, 504].map(
    (status) => [`${status}`, { kind: 'status', status }, 'UPSTREAM_UNAVAILABLE'] as const,
  ),
  ['401', { kind: 'status', status: 401 }, 'UNAUTHORIZED'],
  ['403', { kind: 'status', status: 403 }, 'UPSTREAM_REJECTED'],
  ['404', { kind: 'status', status: 404 }, 'UPSTREAM_REJECTED'],
  ['408', { kind: 'status', status: 408 }, 'UPSTREAM_TIMEOUT'],
  ['410 delta_expired', { kind: 'status', status: 410 }, 'DELTA_EXPIRED'],
  ['410 without a reason', { kind: 'status', status: 410, body: '{}' }, 'UPSTREAM_REJECTED'],
  ['204', { kind: 'status', status: 204 }, 'CONNECTOR_ANSWER_INVALID'],
  [
    'a redirect elsewhere',
    { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/users' } },
    'UPSTREAM_REJECTED',
  ],
  ...garbageForms.map(
    (garbage) => [`garbage: ${garbage}`, { kind: 'garbage', garbage }, 'CONNECTOR_ANSWER_INVALID'] as const,
  ),
  ['a reset before the headers', { kind: 'reset', at: 'before_headers' }, 'UPSTREAM_UNAVAILABLE'],
  ['a reset after the headers', { kind: 'reset', at: 'after_headers' }, 'UPSTREAM_UNAVAILABLE'],
  ['a body cut in the middle', { kind: 'reset', at: 'in_body' }, 'UPSTREAM_UNAVAILABLE'],
  ['headers that do not come', { kind: 'slow_headers', delayMs: longMs }, 'UPSTREAM_TIMEOUT'],
  ['a body that does not end', { kind: 'slow_body', delayMs: longMs }, 'UPSTREAM_TIMEOUT'],
]

describe('a failing answer', () => {
  test.each(failures)('%s is reported by its code, and the next try succeeds', async (_, effect, code) => {
    const upstream = await start({ path: '/users', page: 1, effect })
    const timeoutMs = 'delayMs' in effect ? 100 : 10_000
    const error = await errorOf(list(upstream, 'user', { config: { timeoutMs } }))
    expect(error).toMatchObject({ code })
    upstream.faults.assertAllFired()
    expect((await list(upstream, 'user')).resources).toHaveLength(10)
  })

  const waits: readonly (readonly [keyof typeof retryAfterForms, number | undefined])[] = [
    ['seconds', 7_000],
    ['zero', 0],
    // The date has whole seconds, and so has upstream's Date: the wait is counted between them.
    ['date', 30_000],
    ['past_date', 0],
    ['huge', Number.MAX_SAFE_INTEGER],
    ['negative', 60_000],
    ['fractional', 1_500],
    ['garbage', 60_000],
    ['empty', undefined],
    ['several', 9_000],
    ['missing', undefined],
  ]
  test.each(waits)('with Retry-After %s asks to wait %s ms', async (form, retryAfterMs) => {
    const retryAfter = retryAfterForms[form]
    const upstream = await start(
      { effect: { kind: 'status', status: 429, retryAfter } },
      { effect: { kind: 'status', status: 503, retryAfter } },
    )
    expect((await errorOf(list(upstream, 'user'))).retryAfterMs).toBe(retryAfterMs)
    expect((await errorOf(list(upstream, 'user'))).retryAfterMs).toBe(retryAfterMs)
  })

  test('shows every Retry-After header that was given', async () => {
    const upstream = await start({
      effect: { kind: 'status', status: 429, retryAfter: retryAfterForms.several },
    })
    expect((await get(upstream, '/users')).headers.get('retry-after')).toBe('3, 9')
  })

  test('that is cut off is logged without a status when it never began', async () => {
    const upstream = await start({ name: 'cut', effect: { kind: 'reset', at: 'before_headers' } })
    await expect(get(upstream, '/users')).rejects.toThrow('fetch failed')
    expect(upstream.requests).toMatchObject([{ fault: 'cut', path: '/users' }])
    expect(upstream.requests[0]?.status).toBeUndefined()
  })
})

describe('a slow answer', () => {
  test.each(['slow_headers', 'slow_body'] as const)('with %s is still the right one', async (kind) => {
    const upstream = await start({ effect: { kind, delayMs: 5 } })
    expect(idsOf([await getPage(upstream, '/users')])).toHaveLength(10)
    upstream.faults.assertAllFired()
  })
})

describe('an altered page', () => {
  const whole = Array.from({ length: 10 }, (_, index) => `u${index}`)
  const query = { limit: '4' }

  test('that is empty loses nothing: its new cursor goes on at the same place', async () => {
    const empty = { kind: 'empty_page' } as const
    const upstream = await start({ page: 2, effect: empty }, { page: 3, effect: empty })
    const pages = await readListing(upstream, '/users', { query })
    expect(pages.map(({ items }) => items.length)).toEqual([4, 0, 0, 4, 2])
    expect(new Set(pages.map(({ next }) => next)).size).toBe(5)
    expect(idsOf(pages)).toEqual(whole)
  })

  test('with a repeated cursor points at itself', async () => {
    const upstream = await start({ page: 2, effect: { kind: 'repeated_cursor' } })
    const first = await getPage(upstream, '/users', query)
    const second = await getPage(upstream, '/users', { ...query, cursor: first.next })
    expect(second.next).toBe(first.next)
  })

  test('with a looping cursor points at the page before', async () => {
    const upstream = await start({ page: 3, effect: { kind: 'looping_cursor' } })
    const cursors: (string | undefined)[] = []
    for (let turn = 0; turn < 4; turn++) {
      cursors.push((await getPage(upstream, '/users', { limit: '2', cursor: cursors.at(-1) })).next)
    }
    const [a, b] = cursors
    expect(a).not.toBe(b)
    expect(cursors).toEqual([a, b, a, b])
  })

  test('with a looping cursor on the first page points at the first page', async () => {
    const upstream = await start({ effect: { kind: 'looping_cursor' } })
    const first = await getPage(upstream, '/users', query)
    const again = await getPage(upstream, '/users', { ...query, cursor: first.next })
    expect(idsOf([again])).toEqual(idsOf([first]))
  })

  test('that is shuffled has the same entries in another order', async () => {
    const upstream = await start({ effect: { kind: 'shuffled' } })
    const ids = idsOf([await getPage(upstream, '/users')])
    expect(ids).not.toEqual(whole)
    expect(ids.toSorted()).toEqual(whole)
  })

  test('with duplicates repeats entries of the first page and loses none', async () => {
    const upstream = await start({ page: 2, effect: { kind: 'duplicates', count: 2 } })
    const pages = await readListing(upstream, '/users', { query })
    expect(idsOf(pages)).toEqual([...whole.slice(0, 8), 'u0', 'u1', 'u8', 'u9'])
  })

  test('with an oversized field has it in the first entry only', async () => {
    const upstream = await start({ effect: { kind: 'oversized_field', field: 'name', length: 300 } })
    const { resources } = await list(upstream, 'user')
    expect(resources.map(({ displayName }) => displayName.length)).toEqual([300, ...Array(9).fill(6)])
  })
})

const effect: FaultEffect = { kind: 'status', status: 500 }

async function statuses(upstream: Upstream, path: string, count: number): Promise<number[]> {
  const met: number[] = []
  for (let turn = 0; turn < count; turn++) met.push((await get(upstream, path)).status)
  return met
}

describe('a fault', () => {
  test('fires from its nth matching request on, as often as it says', async () => {
    const upstream = await start({ path: '/users', nth: 2, times: 2, effect })
    expect(await statuses(upstream, '/groups', 2)).toEqual([200, 200])
    expect(await statuses(upstream, '/users', 5)).toEqual([200, 500, 500, 200, 200])
    expect(upstream.faults.states()).toMatchObject([{ name: 'status', fired: 2 }])
  })

  test('may fire for ever', async () => {
    const upstream = await start({ times: Number.POSITIVE_INFINITY, effect })
    expect(await statuses(upstream, '/users', 4)).toEqual([500, 500, 500, 500])
    upstream.faults.assertAllFired()
  })

  test('waits for its turn while another one of the same request fires', async () => {
    const upstream = await start({ effect }, { effect: { kind: 'status', status: 502 } })
    expect(await statuses(upstream, '/users', 3)).toEqual([500, 502, 200])
  })

  test('of incremental listings spares full ones', async () => {
    const upstream = await start({ incremental: true, effect: { kind: 'status', status: 410 } })
    expect((await list(upstream, 'user')).resources).toHaveLength(10)
    const error = await errorOf(list(upstream, 'user', { modifiedSince: now.toISOString() }))
    expect(error.code).toBe('DELTA_EXPIRED')
  })

  test('that did not fire is named', () => {
    const faults = createFaults([{ name: 'third page', page: 3, times: 2, effect }])
    expect(() => faults.assertAllFired()).toThrow('third page (0 of 2)')
    faults.clear()
    faults.assertAllFired()
  })
})
