import { createSyncline, type Store, type SyncStats } from '@syncline/core'
import { expect } from 'vitest'
import type { Database } from '../../test-support/database-on.ts'
import { pageConnector } from './page-connector.ts'
import { type Scenario, users } from './scenario.ts'

/** All but the time it took. */
export const counts = (stats: SyncStats): SyncStats => ({ ...stats, durationMs: 0 })

/** Everything the invariants speak of, read back from the database. */
export async function verify(database: Database, store: Store, { expected }: Scenario): Promise<void> {
  const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
  const live = await store.resources.find({ ...users, stale: false, limit: 10_000 })
  expect(
    live.map((user) => user.externalId),
    'I1',
  ).toEqual(expected.ids)
  expect(
    live.filter(({ attributes }) => attributes.revision === 1),
    'I1: content',
  ).toHaveLength(expected.changed)
  expect(await store.resources.count({ ...users, stale: true }), 'I2').toBe(expected.stale)
  expect(await store.resources.count(users), 'I7: the purged row is gone').toBe(expected.rows)

  const runs = await store.runs.list({ ...users, limit: 100 })
  expect(
    runs.filter(({ status }) => status === 'running'),
    'I8',
  ).toEqual([])
  const tokens = runs.map(({ fencingToken }) => fencingToken)
  expect(new Set(tokens).size, 'I5').toBe(tokens.length)
  for (const [index, run] of runs.entries()) {
    // Newest first: each began after the one before it had ended.
    const before = runs[index + 1]
    if (before)
      expect(before.finishedAt?.getTime(), 'I5: one at a time').toBeLessThanOrEqual(Number(run.startedAt))
  }

  const changes = await store.changes.read({ scope: users, after: 0, limit: 10_000 })
  expect(
    changes.map(({ position }) => position),
    'I6: gapless',
  ).toEqual(changes.map((_, index) => index + 1))
  const kinds = Object.groupBy(changes, ({ kind }) => kind)
  const logged = Object.fromEntries(Object.entries(kinds).map(([kind, entries]) => [kind, entries.length]))
  expect(logged, 'I6: once').toEqual(expected.logged)

  const { rows: counted } = await database.query(
    `select s.live_rows, s.stale_rows from syncline.sync_scope s`,
  )
  expect(counted, 'rows are counted right').toEqual([
    { live_rows: expected.ids.length, stale_rows: expected.stale },
  ])

  const again = await syncline.sync(users)
  expect(again.status, 'I9').toBe('success')
  const { added, updated, restored, staled } = again.stats
  expect({ added, updated, restored, staled }, 'I9').toEqual({ added: 0, updated: 0, restored: 0, staled: 0 })
  expect(await store.changes.read({ scope: users, after: changes.length, limit: 1 }), 'I9').toEqual([])
  const sessions = await database.query(
    `select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  expect(sessions.rows, 'I12').toEqual([])
}
