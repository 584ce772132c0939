import { createSyncline, type ErrorCode } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import {
  createDirectory,
  directoryConnector,
  type FaultEffect,
  garbageForms,
  retryAfterForms,
  startUpstream,
} from '@syncline/testing/upstream'
import { describe, expect, test } from 'vitest'

const users = { connectorId: 'faulty', resourceType: 'user' }
const pageCount = 4

/** What a run makes of a fault that strikes once: it gets over it, or it ends with this code. */
type Outcome = 'recovers' | ErrorCode

const status = (code: number): FaultEffect => ({ kind: 'status', status: code })

const faults: readonly (readonly [name: string, effect: FaultEffect, outcome: Outcome])[] = [
  ...Object.entries(retryAfterForms).map(([form, retryAfter]) => {
    const effect: FaultEffect = { kind: 'status', status: 429, retryAfter }
    // A wait beyond the cap is not clamped.
    return [`429, Retry-After ${form}`, effect, form === 'huge' ? 'RATE_LIMITED' : 'recovers'] as const
  }),
  ...[500, 502, 503, 504].map((code) => [`${code}`, status(code), 'recovers'] as const),
  ['reset before headers', { kind: 'reset', at: 'before_headers' }, 'recovers'],
  ['reset after headers', { kind: 'reset', at: 'after_headers' }, 'recovers'],
  ['body cut', { kind: 'reset', at: 'in_body' }, 'recovers'],
  ['slow headers', { kind: 'slow_headers', delayMs: 20 }, 'recovers'],
  ['slow body', { kind: 'slow_body', delayMs: 20 }, 'recovers'],
  ['shuffled order', { kind: 'shuffled' }, 'recovers'],
  ['entries listed twice', { kind: 'duplicates', count: 3 }, 'recovers'],
  ['an empty page with a cursor', { kind: 'empty_page' }, 'recovers'],
  ['401', status(401), 'UNAUTHORIZED'],
  ['403', status(403), 'UPSTREAM_REJECTED'],
  ['204', status(204), 'CONNECTOR_ANSWER_INVALID'],
  ...garbageForms.map(
    (garbage) => [`garbage: ${garbage}`, { kind: 'garbage', garbage }, 'CONNECTOR_ANSWER_INVALID'] as const,
  ),
]

const cases = faults.flatMap(([name, effect, outcome]) =>
  [1, 2, pageCount].map((page) => ({ name, page, effect, outcome })),
)

describe('an upstream that misbehaves over real HTTP', () => {
  test.each(cases)(
    '$name on page $page: $outcome, and nothing goes stale that upstream has',
    async (trial) => {
      const { page, effect, outcome } = trial
      const directory = createDirectory({ types: ['user'] })
      for (let id = 0; id < 45; id++) directory.put('user', { id: `u${id}`, name: `Person ${id}` })
      const upstream = await startUpstream({ directory })
      const clock = fakeClock({ auto: true })
      const syncline = createSyncline({
        store: memoryStore({ clock }),
        connectorTypes: [directoryConnector],
        clock,
      })
      const config = { baseUrl: upstream.url, token: upstream.token }
      await syncline.connectors.save({
        connectorId: users.connectorId,
        type: directoryConnector.type,
        config,
      })
      await syncline.configs.save({ ...users, pageSize: 10 })
      await syncline.sync(users)
      for (let id = 0; id < 5; id++) directory.remove('user', `u${id}`)

      upstream.faults.add({ path: '/users', page, effect })
      const run = await syncline.sync(users)
      upstream.faults.assertAllFired()
      if (outcome === 'recovers') {
        expect(run).toMatchObject({ status: 'success', stats: { unchanged: 40, staled: 5 } })
      } else {
        expect(run.error?.code).toBe(outcome)
        expect(run.stats.staled).toBe(0)
      }
      // Whatever it was, the next run puts it right.
      expect((await syncline.sync(users)).status).toBe('success')
      const live = await syncline.resources.list({ ...users, stale: false, pageSize: 100 })
      expect(new Set(live.data.map(({ externalId }) => externalId))).toEqual(
        new Set(directory.entries('user').map(({ id }) => id)),
      )
      await upstream.close()
    },
  )
})
