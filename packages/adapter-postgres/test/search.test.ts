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
  asciiServerDatabase,
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { emptyTables } from './empty-tables.ts'
import { fullPass, record, saveConnector, staff } from './listing.ts'

const sizes = { recordsPerPart: 1_000, leastRowsToCopy: 64, rowsWalkedFirst: 2, unseenRowsNoted: 10_000 }

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
  '\u0001',
  'Ά',
  'ά',
  'K',
  'k',
  'ſ',
  'Ж',
  'ж',
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
          const name = Array.from(one?.displayName ?? 'x')
          const parts = [
            search,
            name.slice(0, 2).join(''),
            name.join('').toUpperCase(),
            one?.externalId ?? 'y',
          ]
          return Promise.all(parts.map((part) => found(store, part)))
        }),
      )
      for (const answer of answers) expect(answer).toEqual(expected)
    }),
    { numRuns: 40 },
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
    code: 'SEARCH_INDEX_UNAVAILABLE',
    message: expect.stringContaining('create extension btree_gin'),
    details: { extension: 'btree_gin', code: '0A000' },
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
    expect(await open().resources.find({ ...staff, search: 'found nowhere', limit: 1 })).toEqual([])
  })

  test('builds the index once for several that ask at a time, and puts their timeouts back', async () => {
    await dropSearchIndex(options())
    const pools = Array.from(
      { length: 3 },
      () => new pg.Pool({ connectionString: database.url, max: 1, statement_timeout: 54_321 }),
    )
    await Promise.all(pools.map((each) => buildSearchIndex({ pool: each })))
    for (const each of pools) {
      expect((await each.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '54321ms' }])
      expect(
        (
          await each.query(`select count(*)::int as n from pg_locks where locktype = 'advisory'
              and database = (select oid from pg_database where datname = current_database())`)
        ).rows,
      ).toEqual([{ n: 0 }])
      await each.end()
    }
    const { rows } = await database.query(
      `select indisvalid from pg_index where indexrelid = 'syncline.resource_row_search'::regclass`,
    )
    expect(rows).toEqual([{ indisvalid: true }])
  })

  test('says that it may not install the extensions, and builds once somebody did', async () => {
    const own = await emptyServerDatabase({ migrated: false })
    const name = `${new URL(own.url).pathname.slice(1)}_reader`
    await own.query(`create role ${name} login`)
    await own.query(`create schema syncline authorization ${name}`)
    const url = new URL(own.url)
    url.username = name
    const mine = new pg.Pool({ connectionString: url.href, max: 1 })
    await migrate({ pool: mine })
    await expect(buildSearchIndex({ pool: mine })).rejects.toMatchObject({
      code: 'SEARCH_INDEX_UNAVAILABLE',
      details: { extension: 'btree_gin', code: '42501' },
    })
    await own.query('create extension btree_gin')
    await own.query('create extension pg_trgm')
    await buildSearchIndex({ pool: mine })
    await mine.end()
    await own.query(`drop owned by ${name} cascade`)
    await own.query(`drop role ${name}`)
    await own.drop()
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
})

describe.skipIf(!serverIsAvailable())('a search in a database that knows ASCII letters only', () => {
  test('finds the same as in memory, with the search index', async () => {
    const own = await asciiServerDatabase()
    const pool = new pg.Pool({ connectionString: own.url })
    await migrate({ pool })
    await buildSearchIndex({ pool })
    await sameAsInMemory(
      () => composeStore({ pool }, sizes),
      () => pool.query(emptyTables),
    )
    await pool.end()
    await own.drop()
  })
})
