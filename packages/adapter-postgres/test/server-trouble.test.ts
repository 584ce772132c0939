import { inspect } from 'node:util'
import { openPostgresStore, postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { emptyTables } from './empty-tables.ts'
import { interferingPool } from './interfering-pool.ts'
import { begin, commit, record, records, saveConnector, staff } from './listing.ts'

/** Vitest fails the run on any uncaught exception: these tests promise that there is none (I10). */
describe.skipIf(!serverIsAvailable())('a connection that is lost', () => {
  let database: Database
  let store: Store

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    store = await openPostgresStore({ connectionString: database.url, maxConnections: 3 })
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })
  beforeEach(async () => {
    await database.query(emptyTables)
    await saveConnector(store)
  })

  /** Ends the store's connections, once there is one in the given state; resolves when they are gone. */
  async function terminate(condition: string): Promise<number> {
    for (;;) {
      const { rowCount } = await database.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where datname = current_database() and application_name = 'syncline' and ${condition}`,
      )
      if (rowCount) return rowCount
    }
  }

  test('while idle is replaced unnoticed', async () => {
    await Promise.all([1, 2, 3].map(() => store.connectors.list({})))
    expect(await terminate(`state = 'idle'`)).toBe(3)
    // The pool learns of it when the goodbye arrives.
    await expect.poll(() => store.connectors.list({}).catch(() => [])).toHaveLength(1)
  })

  test('in the middle of a statement is STORE_UNAVAILABLE, and the next call works', async () => {
    const locker = new pg.Client({ connectionString: database.url })
    await locker.connect()
    await locker.query('begin; lock table syncline.connector_definition')
    const waiting = store.connectors.list({})
    waiting.catch(() => {})
    await terminate(`wait_event_type = 'Lock'`)
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await locker.end()
    expect(await store.connectors.list({})).toHaveLength(1)
  })

  test('in the middle of a transaction leaves nothing behind', async () => {
    const locker = new pg.Client({ connectionString: database.url })
    await locker.connect()
    const run = await begin(store)
    await locker.query('begin; lock table syncline.resource_change')
    const waiting = commit(store, run, { number: 1, records: records(10) })
    waiting.catch(() => {})
    await terminate(`wait_event_type = 'Lock'`)
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await locker.end()
    expect(await store.resources.count(staff)).toBe(0)
    expect((await commit(store, run, { number: 1, records: records(10) })).repeated).toBe(false)
    expect(await store.resources.count(staff)).toBe(10)
  })

  test.each([
    'start transaction',
    'insert into "syncline"."resource_row"',
    'insert into "syncline"."resource_change"',
    'commit',
  ])('between two statements of a transaction, before `%s`, leaves nothing behind', async (before) => {
    const run = await begin(store)
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const killing = interferingPool(pool, async (statement, client) => {
      if (!statement.includes(before)) return
      const ended = new Promise((resolve) => client.once('end', resolve))
      await database.query('select pg_terminate_backend($1, 5000)', [Reflect.get(client, 'processID')])
      await ended
    })
    const doomed = postgresStore({ pool: killing })
    await expect(commit(doomed, run, { number: 1, records: records(3) })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(await store.resources.count(staff)).toBe(0)
    expect((await store.runs.get(run.runId))?.checkpoint.pages).toBe(0)
    await pool.end()
  })

  test('while the answer to commit is on its way: the page repeated is recognised', async () => {
    const run = await begin(store)
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const losing = interferingPool(
      pool,
      async () => {},
      async (statement) => {
        if (statement === 'commit') throw new Error('Connection terminated unexpectedly')
      },
    )
    const page = { number: 1, records: records(3) }
    await expect(commit(postgresStore({ pool: losing }), run, page)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(await commit(store, run, page)).toMatchObject({ repeated: true, stats: { added: 3 } })
    await pool.end()
  })

  const open = (change: (url: URL) => void) => {
    const url = new URL(database.url)
    change(url)
    return openPostgresStore({ connectionString: url.href })
  }

  test('at the first attempt shows when the store is opened', async () => {
    await expect(open((url) => Object.assign(url, { port: '1' }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    await expect(open((url) => Object.assign(url, { pathname: '/no_such_database' }))).rejects.toMatchObject({
      code: 'STORE_FAILED',
    })
    const secret = 'hunter2'
    const invalid = openPostgresStore({ connectionString: `postgres://me:${secret}@[half` })
    const error = await invalid.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'OPTIONS_INVALID' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)
    await expect(openPostgresStore({ connectionString: '' })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    })
  })
})

describe.skipIf(!serverIsAvailable())('a server in trouble', () => {
  let database: Database
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.query(emptyTables)
  })

  test('a lock held for too long is STORE_UNAVAILABLE within the time set', async () => {
    const store = await openPostgresStore({ connectionString: database.url, lockTimeoutMs: 100 })
    await saveConnector(store)
    const locker = new pg.Client({ connectionString: database.url })
    await locker.connect()
    await locker.query('begin; lock table syncline.connector_definition')
    await expect(store.connectors.list({})).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { code: '55P03' },
    })
    await locker.end()
    await store.close()
  })

  test.each(['40P01', '40001'])(
    'a transaction broken by %s is repeated, three times at most',
    async (code) => {
      const pool = new pg.Pool({ connectionString: database.url, max: 2 })
      let broken = 0
      const breaking = (times: number) =>
        interferingPool(pool, async (statement) => {
          if (!statement.includes('into "syncline"."connector_definition"') || broken >= times) return
          broken += 1
          throw Object.assign(new Error('broken'), { code })
        })
      await saveConnector(postgresStore({ pool: breaking(3) }))
      expect(broken).toBe(3)
      broken = 0
      await expect(saveConnector(postgresStore({ pool: breaking(99) }))).rejects.toMatchObject({
        code: 'STORE_FAILED',
        details: { code },
      })
      expect(broken).toBe(4)
      await pool.end()
    },
  )

  test('what it says of the data stays out of the error', async () => {
    const store = await openPostgresStore({ connectionString: database.url })
    await saveConnector(store)
    const secret = 'Vertraulich'
    const poisoned = { ...record(secret, secret), attributesJson: `{"${secret}"` }
    const run = await begin(store)
    const doubtful = [
      () => commit(store, run, { number: 1, records: [poisoned] }),
      () => commit(store, run, { number: 1, records: [record(secret), record(secret)] }),
      () =>
        store.resources.upsertOne({ scope: staff, record: { ...record(secret), hash: `${secret}\u0000` } }),
    ]
    for (const write of doubtful) {
      const error = await write().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'STORE_FAILED' })
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)
    }
    expect(await store.resources.count(staff)).toBe(0)
    await store.close()
  })
})
