import { buildSearchIndex } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { saveConnector, staff } from './listing.ts'

const count = 20_000

/** What the planner believes, in the order of the cases; the next ones undo what the one before taught it. */
const statistics: readonly (readonly [string, readonly string[]])[] = [
  ['tell of another scope', []],
  [
    'were never taken',
    [
      `delete from pg_statistic where starelid in (select oid from pg_class where relname like 'resource_row%')`,
      `update pg_class set reltuples = -1 where relname = 'resource_row'`,
    ],
  ],
  ['are fresh', ['vacuum analyze']],
]

const rows = (connectorId: string, first: number) => `insert into syncline.resource_row
    (id, scope_id, ordinal, external_id, display_name, email, attributes, sync_hash, hash_epoch,
      written_generation, stale_since)
  select gen_random_uuid(), s.id, n, md5('id' || n), 'Person ' || case n % 100 when 1 then 'Rare' else 'Some' end,
    case n when 19999 then 'Needle.In@hay' else 'p' || n || '@x' end, jsonb_build_object('text', repeat(md5('' || n), 20)),
    'h', 0, 1, case when n % 1000 = 0 then now() end
  from generate_series(${first}, ${count}) n join syncline.sync_scope s on s.connector_id = '${connectorId}'`

const storeOn = (pool: pg.Pool): Store =>
  composeStore(
    { pool },
    { recordsPerPart: 1_000, leastRowsToCopy: 64, rowsWalkedFirst: 100, unseenRowsNoted: 10_000 },
  )

describe.skipIf(!serverIsAvailable()).each(statistics)('where statistics %s', (_, statements) => {
  let database: Database
  let pool: pg.Pool
  let store: Store

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    // One connection, so that it can be asked for what it has counted.
    pool = new pg.Pool({ connectionString: database.url, max: 1 })
    store = storeOn(pool)
    await pool.query('alter table syncline.resource_row set (autovacuum_enabled = off)')
    for (const connectorId of [staff.connectorId, 'other']) {
      await saveConnector(store, connectorId)
      await pool.query(`insert into syncline.sync_scope (connector_id, resource_type) values ($1, 'user')`, [
        connectorId,
      ])
    }
    await buildSearchIndex({ pool })
    await pool.query(rows('other', 10_000))
    await pool.query('analyze')
    await pool.query(rows(staff.connectorId, 1))
    await pool.query(
      `update syncline.sync_scope set live_rows = 19980, stale_rows = 20 where connector_id = 'hr'`,
    )
    for (const statement of statements) await pool.query(statement)
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  /** Blocks of the table and its indexes that a call touches. */
  async function blocksOf(call: () => Promise<unknown>): Promise<number> {
    const read = async (): Promise<number> => {
      await pool.query('select pg_stat_force_next_flush()')
      const { rows: found } = await pool.query<{ blocks: number }>(`select (heap_blks_hit + heap_blks_read
        + idx_blks_hit + idx_blks_read)::int as blocks from pg_statio_user_tables where relname = 'resource_row'`)
      return found[0]?.blocks ?? Number.NaN
    }
    await call()
    const before = await read()
    await call()
    return (await read()) - before
  }

  const find = (slice: object, length: number) => async () => {
    expect(await store.resources.find({ ...staff, limit: 20, ...slice })).toHaveLength(length)
  }
  /** By a process that knows nothing yet. */
  const findAnew = (slice: object, length: number) => async () => {
    expect(await storeOn(pool).resources.find({ ...staff, limit: 20, ...slice })).toHaveLength(length)
  }
  const counts = (query: object, total: number) => async () => {
    expect(await storeOn(pool).resources.count({ ...staff, ...query })).toBe(total)
  }
  const after = { ...staff, externalId: 'a' }

  // The whole scope is 20,000 rows in more than 2,000 blocks.
  test.each([
    ['a first page', 40, find({}, 20)],
    ['a first page of live ones', 40, find({ stale: false }, 20)],
    ['all stale ones', 40, find({ stale: true }, 20)],
    ['the last page', 40, find({ offset: 19_980 }, 20)],
    ['the last page of live ones', 40, find({ offset: 19_960, stale: false }, 20)],
    ['numbered page 11', 260, findAnew({ offset: 200 }, 20)],
    ['a numbered page that was read before', 60, find({ offset: 10_000 }, 20)],
    ['the page after it', 60, find({ offset: 10_020 }, 20)],
    ['the page after it of live ones', 60, find({ offset: 10_020, stale: false }, 20)],
    ['a slice after a key', 40, find({ after }, 20)],
    ['a slice of 1,000', 1_100, find({ after, limit: 1_000 }, 1_000)],
    ['one resource', 12, () => store.resources.get({ ...staff, externalId: 'none' })],
    ['counts', 0, counts({}, count)],
    ['counts of stale ones', 0, counts({ stale: true }, 20)],
    ['a search for what all have', 160, find({ search: 'PERSON' }, 20)],
    ['a search for one in a hundred', 3_000, find({ search: 'rare' }, 20)],
    ['a search for one', 550, find({ search: 'needle.in' }, 1)],
    ['a search for nothing', 550, find({ search: 'haystack' }, 0)],
    ['a search for one of the stale', 550, find({ search: 'needle.in', stale: true }, 0)],
    ['a count of what all have, up to 100', 260, counts({ search: 'person', atMost: 100 }, 100)],
    ['a count of one in a hundred', 700, counts({ search: 'rare', atMost: 1_000 }, 200)],
    ['a count of one', 550, counts({ search: 'needle.in', atMost: 1_000 }, 1)],
  ])('%s touches at most %i blocks', async (_what, most, call) => {
    expect(await blocksOf(call)).toBeLessThanOrEqual(most)
  })
})

describe.skipIf(!serverIsAvailable())('without the search index', () => {
  test('a search ends with the statement timeout', async () => {
    const database = await emptyServerDatabase({ migrated: true })
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const store = composeStore(
      { pool },
      { recordsPerPart: 1_000, leastRowsToCopy: 64, rowsWalkedFirst: 1_000, unseenRowsNoted: 10_000 },
    )
    await saveConnector(store)
    await pool.query(
      `insert into syncline.sync_scope (connector_id, resource_type, live_rows) values ('hr', 'user', 20000)`,
    )
    await pool.query(rows('hr', 1))
    await pool.query('set statement_timeout = 5')
    await expect(store.resources.find({ ...staff, search: 'nobody', limit: 20 })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      details: { code: '57014' },
    })
    await pool.end()
    await database.drop()
  })
})
