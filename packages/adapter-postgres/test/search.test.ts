import { PGlite } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { buildSearchIndex, dropSearchIndex, migrate, type PgPool } from '@syncline/adapter-postgres'
import type { PreparedRecord, Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { emptyTables } from './empty-tables.ts'
import { fullPass, record, saveConnector, staff } from './listing.ts'

const sizes = { recordsPerPart: 1_000, leastRowsToCopy: 64, rowsWalkedFirst: 2 }

/** Letters whose cases are awkward, wildcards, and what trigrams are made of. */
const letters = [
  ...Array.from('aAbBzZ09-_%\\ .@'),
  'ß',
  'ẞ',
  'İ',
  'i',
  'ı',
  'I',
  'Σ',
  'σ',
  'ς',
  'é',
  'É',
  'e\u0301',
  'ǅ',
  '漢',
  '😀',
  '\n',
]
const text = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
const person = fc.record({
  externalId: text.filter((id) => id.trim() !== ''),
  displayName: text,
  email: fc.option(text),
})
const people = fc.uniqueArray(person, { selector: ({ externalId }) => externalId, maxLength: 12 })

const prepared = ({
  externalId,
  displayName,
  email,
}: {
  externalId: string
  displayName: string
  email: string | null
}): PreparedRecord => ({
  ...record(externalId, displayName),
  email,
})

/** What a search finds, by every way of asking. */
async function found(store: Store, search: string): Promise<unknown> {
  const all = await store.resources.find({ ...staff, search, limit: 100 })
  const ids = all.map(({ externalId }) => externalId)
  const [first] = all
  return {
    ids,
    count: await store.resources.count({ ...staff, search }),
    two: await store.resources.count({ ...staff, search, atMost: 2 }),
    second: (await store.resources.find({ connectorId: staff.connectorId, search, limit: 1, offset: 1 }))
      .length,
    after: first && (await store.resources.find({ ...staff, search, limit: 100, after: first })).length,
    live: (await store.resources.find({ ...staff, search, stale: false, limit: 100 })).length,
  }
}

async function sameAsInMemory(open: () => Store, empty: () => Promise<unknown>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(people, text, async (listed, search) => {
      await empty()
      const clock = fakeClock()
      const stores = [memoryStore({ clock }), open()]
      const [expected, ...answers] = await Promise.all(
        stores.map(async (store) => {
          await saveConnector(store)
          await fullPass(store, listed.map(prepared))
          await clock.advance(1_000)
          await fullPass(store, listed.slice(1).map(prepared))
          const [one] = listed
          const parts = [
            search,
            Array.from(one?.displayName ?? 'x')
              .slice(0, 2)
              .join(''),
            Array.from(one?.externalId ?? '')
              .slice(1)
              .join('') || 'y',
          ]
          return Promise.all(parts.map((part) => found(store, part)))
        }),
      )
      for (const answer of answers) expect(answer).toEqual(expected)
    }),
    { numRuns: 60 },
  )
}

describe('a search on PGlite finds the same as in memory', () => {
  let pglite: PGlite
  beforeAll(async () => {
    pglite = await PGlite.create({ extensions: { pg_trgm, btree_gin } })
    await migrate({ pglite })
  })
  afterAll(() => pglite.close())
  const empty = () => pglite.query(emptyTables)

  test('without the search index', () => sameAsInMemory(() => composeStore({ pglite }, sizes), empty))

  test('and with it', async () => {
    await buildSearchIndex({ pglite })
    await sameAsInMemory(() => composeStore({ pglite }, sizes), empty)
  })
})

test('without the extensions at hand, building the index says which one is missing', async () => {
  const pglite = await PGlite.create()
  await migrate({ pglite })
  await expect(buildSearchIndex({ pglite })).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining('pg_trgm'),
    details: { extension: 'pg_trgm' },
  })
  await pglite.close()
})

describe.skipIf(!serverIsAvailable())('a search on a server', () => {
  let database: Database
  let pool: pg.Pool
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })
  const options = (): { pool: PgPool } => ({ pool })
  const empty = () => database.query(emptyTables)
  const open = () => composeStore(options(), sizes)

  test('finds the same as in memory without the search index', () => sameAsInMemory(open, empty))

  test('finds the same with it; building and dropping may be repeated', async () => {
    await buildSearchIndex(options())
    await buildSearchIndex(options())
    await sameAsInMemory(open, empty)
    await dropSearchIndex(options())
    await dropSearchIndex(options())
    expect(await open().resources.find({ ...staff, search: 'zz', limit: 1 })).toEqual([])
  })

  test('builds the index anew where an attempt was interrupted', async () => {
    await buildSearchIndex(options())
    await database.query(
      `update pg_index set indisvalid = false where indexrelid = 'syncline.resource_row_search'::regclass`,
    )
    await buildSearchIndex(options())
    const { rows } = await database.query(
      `select indisvalid from pg_index where indexrelid = 'syncline.resource_row_search'::regclass`,
    )
    expect(rows).toEqual([{ indisvalid: true }])
  })

  describe('of many rows', () => {
    const count = 30_000
    beforeAll(async () => {
      await buildSearchIndex(options())
      await empty()
      await saveConnector(open())
      await fullPass(open(), [record('seed')])
      await database.query(`insert into syncline.resource_row (id, scope_id, ordinal, external_id, display_name, email,
          attributes, sync_hash, hash_epoch, written_generation)
        select gen_random_uuid(), s.id, n, 'id-' || lpad(n::text, 7, '0'), 'Person ' || n,
          case when n = 29999 then 'Needle.In@hay' else 'person' || n || '@x' end, '{}', 'h', 0, 1
        from generate_series(1, ${count}) n, syncline.sync_scope s`)
      await database.query('update syncline.sync_scope set live_rows = live_rows + $1', [count])
    })

    /** Blocks of the table and its indexes that a call touches. */
    async function blocksOf(call: (store: Store) => Promise<unknown>): Promise<number> {
      const one = new pg.Pool({ connectionString: database.url, max: 1 })
      const read = async (): Promise<number> => {
        await one.query('select pg_stat_force_next_flush()')
        const { rows } = await one.query<{ blocks: number }>(`select (heap_blks_hit + heap_blks_read
          + idx_blks_hit + idx_blks_read)::int as blocks from pg_statio_user_tables where relname = 'resource_row'`)
        return rows[0]?.blocks ?? Number.NaN
      }
      const store = composeStore({ pool: one }, { ...sizes, rowsWalkedFirst: 500 })
      await store.resources.find({ ...staff, search: 'warm', limit: 1 })
      const before = await read()
      await call(store)
      const blocks = (await read()) - before
      await one.end()
      return blocks
    }

    test.each(['were never taken', 'are fresh'])(
      'touches few of them where statistics %s',
      async (statistics) => {
        if (statistics === 'are fresh') await database.query('vacuum analyze syncline.resource_row')
        const rare = await blocksOf(async (store) => {
          const [needle, ...more] = await store.resources.find({ ...staff, search: 'needle.in', limit: 20 })
          expect([needle?.externalId, more]).toEqual(['id-0029999', []])
        })
        expect(rare, 'rare, by the index').toBeLessThan(1_400)
        const common = await blocksOf(async (store) => {
          expect(await store.resources.find({ ...staff, search: 'PERSON', limit: 20 })).toHaveLength(20)
          expect(await store.resources.count({ ...staff, search: 'PERSON', atMost: 100 })).toBe(100)
        })
        expect(common, 'frequent, by walking').toBeLessThan(2_000)
        const deep = await blocksOf(async (store) => {
          const [row] = await store.resources.find({
            ...staff,
            after: { resourceType: staff.resourceType, externalId: 'id-0025000' },
            limit: 1,
          })
          expect(row?.externalId).toBe('id-0025001')
          expect(await store.resources.count(staff)).toBe(count + 1)
          expect(await store.resources.count({ ...staff, stale: true })).toBe(0)
        })
        expect(deep, 'a deep slice and counts').toBeLessThan(40)
      },
    )
  })
})
