import { postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { begin, commit, fullPass, leaseOf, records, saveConnector, staff, sweep } from './listing.ts'

const count = 30_000
const pageSize = 5_000

/** When the planner's statistics are taken: while the tables are empty, or between two listings. */
const statistics: readonly (readonly [string, 'empty' | 'filled' | undefined])[] = [
  ['were never taken', undefined],
  ['are from when the tables were empty', 'empty'],
  ['are from before this listing', 'filled'],
]

describe.skipIf(!serverIsAvailable()).each(statistics)('when statistics %s', (_, taken) => {
  let database: Database
  let pool: pg.Pool
  let store: Store

  beforeEach(async () => {
    database = await emptyServerDatabase({ migrated: true })
    await database.query('alter table syncline.resource_row set (autovacuum_enabled = off)')
    await database.query('alter table syncline.seen_page set (autovacuum_enabled = off)')
    // One connection, so that it can be asked for what it has counted.
    pool = new pg.Pool({ connectionString: database.url, max: 1, statement_timeout: 10_000 })
    store = postgresStore({ pool })
    await saveConnector(store)
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  const scans = async (): Promise<number> => {
    await pool.query('select pg_stat_force_next_flush()')
    const { rows } = await pool.query<{ scans: number }>(
      `select seq_scan::int as scans from pg_stat_user_tables where relname = 'resource_row'`,
    )
    return rows[0]?.scans ?? Number.NaN
  }

  async function list(kept: number): Promise<Awaited<ReturnType<typeof begin>>> {
    const run = await begin(store)
    for (let from = 0, number = 1; from < kept; from += pageSize, number += 1) {
      const page = records(Math.min(pageSize, kept - from), from)
      await commit(store, run, { number, records: page })
    }
    return run
  }

  test('pages are compared by index, and what is gone is found in one pass', async () => {
    if (taken === 'empty') await pool.query('vacuum analyze')
    await list(count)
    if (taken === 'filled') await pool.query('vacuum analyze')
    const before = await scans()
    const run = await list(count - 300)
    expect((await scans()) - before, 'scans of the whole table while comparing').toBe(0)
    const lease = leaseOf(run)
    const summary = await store.resources.closeListing({ lease, generation: run.generation, full: true })
    expect(summary).toMatchObject({ live: count, unseen: 300, stats: { unchanged: count - 300 } })
    expect(await sweep(store, run)).toBe(300)
    expect(await store.resources.count({ ...staff, stale: true })).toBe(300)
  })
})

describe.skipIf(!serverIsAvailable())('a scope among others', () => {
  test('is swept alone', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const store = postgresStore({ pool })
    await saveConnector(store)
    await saveConnector(store, 'other')
    const [one] = records(1)
    if (one) await store.resources.upsertOne({ scope: { ...staff, connectorId: 'other' }, record: one })
    await fullPass(store, records(2))
    await fullPass(store, records(1))
    expect(await store.resources.count({ connectorId: 'other', stale: false })).toBe(1)
    await pool.end()
    await database.drop()
  })
})
