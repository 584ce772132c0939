import { postgresStore } from '@syncline/adapter-postgres'
import { createUuidV7, type Store } from '@syncline/core'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { emptyTables } from './empty-tables.ts'
import { encodingAhead } from './encoding-ahead.ts'
import { begin, commit, fullPass, leaseOf, record, records, saveConnector, staff, sweep } from './listing.ts'

describe.skipIf(!serverIsAvailable())('the way a page is written', () => {
  let database: Database
  let pool: pg.Pool
  let store: Store
  let sent: string[] = []

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = watched({})
    store = postgresStore({ pool })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })
  beforeEach(async () => {
    await database.query(emptyTables)
    await saveConnector(store)
    sent = []
  })

  /** A pool that notes what goes over the wire: the beginning of each statement, and a dot where it waits for answers. */
  function watched(config: pg.PoolConfig & { pipeline?: boolean }): pg.Pool {
    const made = new pg.Pool({ connectionString: database.url, max: 1, ...config })
    made.on('connect', (client) => {
      const connection: object = Reflect.get(client, 'connection')
      const texts = new Map<string, string>()
      const note = (text: unknown): number => sent.push(String(text).trim().split(/[ (]/, 1)[0] ?? '')
      const field = (message: object, name: string): string => String(Reflect.get(message, name) ?? '')
      watch(connection, 'parse', (message) => texts.set(field(message, 'name'), field(message, 'text')))
      watch(connection, 'bind', (message) => note(texts.get(field(message, 'statement'))))
      watch(connection, 'query', note)
      watch(connection, 'sync', () => sent.push('.'))
    })
    return made
  }
  function watch(connection: object, method: string, before: (message: object) => unknown): void {
    const original: unknown = Reflect.get(connection, method)
    if (typeof original !== 'function') throw new Error(`pg has no ${method}`)
    Reflect.set(connection, method, function (this: unknown, message: object) {
      before(message)
      return Reflect.apply(original, this, [message])
    })
  }
  const copies = (): number => sent.filter((verb) => verb === 'copy').length
  const count = async (): Promise<unknown> => {
    const { rows } = await database.query('select live_rows, stale_rows from syncline.sync_scope')
    return rows
  }

  test('a first load is copied without being compared, in two round trips a page', async () => {
    const run = await begin(store)
    sent = []
    await commit(store, run, { number: 1, records: records(100) })
    expect(sent).toEqual(['start', 'select', 'select', '.', 'copy', 'with', 'commit', '.'])
    await commit(store, run, { number: 2, records: records(100, 100) })
    expect(copies()).toBe(2)
    expect(await store.resources.count(staff)).toBe(200)
  })

  test('an unchanged page takes three round trips, however many records it has', async () => {
    await fullPass(store, records(1_000))
    const run = await begin(store)
    sent = []
    const { stats } = await commit(store, run, { number: 1, records: records(1_000) })
    expect(stats.unchanged).toBe(1_000)
    expect(sent).toEqual(['start', 'select', 'select', '.', 'with', '.', 'update', 'commit', '.'])
  })

  test('a few new rows are not worth a COPY', async () => {
    const run = await begin(store)
    await commit(store, run, { number: 1, records: records(10) })
    expect(copies()).toBe(0)
  })

  test('a page of a first load that repeats a key is stored all the same, and counted once', async () => {
    const run = await begin(store)
    await commit(store, run, { number: 1, records: records(100) })
    const repeating = [...records(99, 100), record('user-0000007', 'again')]
    const { stats } = await commit(store, run, { number: 2, records: repeating })
    expect(copies(), 'the copy that broke, and the one of what was new').toBe(3)
    expect(stats).toMatchObject({ added: 199, updated: 0 })
    const { stats: closed } = await close(run)
    expect(closed).toMatchObject({ added: 199, updated: 0, unchanged: 0 })
    expect((await store.resources.get({ ...staff, externalId: 'user-0000007' }))?.displayName).toBe('again')
  })

  test('a key that a webhook added during a first load is found', async () => {
    const run = await begin(store)
    await commit(store, run, { number: 1, records: records(100) })
    await store.resources.upsertOne({ scope: staff, record: record('user-0000150') })
    const { stats } = await commit(store, run, { number: 2, records: records(100, 100) })
    expect(stats).toMatchObject({ added: 199, unchanged: 1 })
    expect(await store.resources.count(staff)).toBe(200)
  })

  test('what was encoded ahead is what is stored; a wrong guess is encoded again', async () => {
    let made = 0
    const ids = createUuidV7()
    const counting = (): string => {
      made++
      return ids()
    }
    const own = encodingAhead(postgresStore({ pool, ids: counting }))
    const run = await begin(own)
    await commit(own, run, { number: 1, records: records(100) })
    expect(made, 'nothing is known of the first page').toBe(100)
    await commit(own, run, { number: 2, records: records(600, 100) })
    expect(made, 'encoded once, ahead').toBe(700)
    await commit(own, run, { number: 3, records: records(100, 650) })
    expect(made, 'encoded ahead as new, then what was new of it').toBe(850)
    expect(await own.resources.count(staff)).toBe(750)
    const all = await own.resources.find({ ...staff, limit: 1_000 })
    expect(all.map(({ externalId }) => externalId)).toEqual(records(750).map(({ externalId }) => externalId))
    expect((await close(run)).unseen, 'every row has the number it is seen by').toBe(0)
    await fullPass(own, records(750))
    expect(made, 'a page like the one before it is compared').toBe(850)
  })

  test('a page that has to be sent again is what it was, though the page after it was encoded meanwhile', async () => {
    const pages = [1, 2, 3].map((number) => records(300, (number - 1) * 300))
    const own = postgresStore({ pool })
    const run = await begin(own)
    const lease = leaseOf(run)
    // Once, with the second page, after its copy; a sequence is not rolled back.
    await database.query(`create sequence tried;
      create function break_once() returns trigger language plpgsql as $$ begin
        if new.page_number = 2 and nextval('tried') = 1 then
          raise exception 'deadlock detected' using errcode = '40P01';
        end if;
        return new;
      end $$;
      create trigger break_once before insert on syncline.seen_page for each row execute function break_once()`)
    for (const [place, page] of pages.entries()) {
      const storing = commit(own, run, { number: place + 1, lease, records: page })
      const next = pages[place + 1]
      if (next) await own.resources.encodeAhead?.({ lease, records: next }, async () => {})
      await storing
    }
    const { rows } = await database.query('select last_value::int as tries from tried')
    await database.query('drop trigger break_once on syncline.seen_page; drop sequence tried')
    expect(rows, 'the first try to store page 2 broke after its copy').toEqual([{ tries: 2 }])
    expect(copies()).toBe(4)
    const all = await own.resources.find({ ...staff, limit: 1_000 })
    expect(all.map(({ externalId }) => externalId)).toEqual(records(900).map(({ externalId }) => externalId))
  })

  test('a page of more records than a statement takes is one transaction and one page', async () => {
    const run = await begin(store)
    const { stats } = await commit(store, run, { number: 1, records: records(2_500) })
    expect(stats).toMatchObject({ added: 2_500, pagesProcessed: 1, totalUpstreamRecords: 2_500 })
    expect(sent.filter((verb) => verb === 'commit')).toHaveLength(2)
    expect(copies()).toBe(3)
    expect(await commit(store, run, { number: 1, records: records(2_500) })).toMatchObject({
      repeated: true,
      stats,
    })
  })

  test('connections that send ahead of answers cannot copy, and insert', async () => {
    const ahead = watched({ pipeline: true })
    const run = await begin(store)
    sent = []
    await commit(postgresStore({ pool: ahead }), run, { number: 1, records: records(100) })
    expect(sent.filter((verb) => verb !== '.').slice(-4)).toEqual(['start', 'select', 'with', 'commit'])
    expect(await store.resources.count(staff)).toBe(100)
    await ahead.end()
  })

  test.each([true, false])('statements are prepared: %s, as the host said', async (preparedStatements) => {
    const own = watched({})
    const plain = postgresStore({ pool: own, preparedStatements })
    await fullPass(plain, records(10))
    const { rows } = await own.query(`select name from pg_prepared_statements where name like 'syncline%'`)
    expect(rows.length > 0).toBe(preparedStatements)
    await own.end()
  })

  const close = (run: Awaited<ReturnType<typeof begin>>) =>
    store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full: true })

  test('the scope counts its rows, whatever happens to them', async () => {
    const own = composeStore(
      { pool },
      { recordsPerPart: 3, leastRowsToCopy: 2, rowsWalkedFirst: 5_000, unseenRowsNoted: 10_000 },
    )
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 13 })
    const steps = fc.array(
      fc.oneof(
        fc.record({ pass: ids }),
        fc.record({ purge: fc.constant(true) }),
        fc.record({ upsert: fc.integer({ min: 0, max: 12 }) }),
        fc.record({ remove: fc.integer({ min: 0, max: 12 }) }),
      ),
      { maxLength: 8 },
    )
    const named = (id: number) => record(`user-${id}`, `user-${id}`)
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await database.query(emptyTables)
        await saveConnector(own)
        await own.resources.upsertOne({ scope: staff, record: named(0) })
        for (const step of history) {
          if ('pass' in step) await fullPass(own, step.pass.map(named))
          else if ('upsert' in step)
            await own.resources.upsertOne({ scope: staff, record: named(step.upsert) })
          else if ('remove' in step) {
            await own.resources.removeOne({ ...staff, externalId: `user-${step.remove}` })
          } else {
            const lease = leaseOf(await begin(own))
            await own.resources.purgeStale({ lease, retentionMs: 0, limit: 3 })
          }
          expect(await count()).toEqual([
            {
              live_rows: await own.resources.count({ ...staff, stale: false }),
              stale_rows: await own.resources.count({ ...staff, stale: true }),
            },
          ])
        }
      }),
      { numRuns: 30 },
    )
  })

  test('a row written while the listing is being closed is never unseen', async () => {
    await fullPass(store, records(20))
    const run = await begin(store)
    await commit(store, run, { number: 1, records: records(20) })
    await store.resources.upsertOne({ scope: staff, record: record('new') })
    expect(await close(run)).toMatchObject({ live: 21, unseen: 0 })
    await store.resources.upsertOne({ scope: staff, record: record('newer') })
    expect(await sweep(store, run)).toBe(0)
  })
})
