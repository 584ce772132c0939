import { postgresStore } from '@syncline/adapter-postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { toSyncError } from '../src/pg-errors.ts'
import { begin, commit, finish, leaseOf, records, saveConnector, staff, sweep } from './listing.ts'

const failure = (code: string, message: string) => toSyncError(Object.assign(new Error(message), { code }))

describe('an error of the server', () => {
  test.each([
    ['42501', 'permission denied for table sync_run', 'STORE_FAILED', 'grant the role'],
    ['3D000', 'database "nope" does not exist', 'STORE_FAILED', 'correct its name'],
    ['28P01', 'password authentication failed for user "u"', 'STORE_FAILED', 'check user, password'],
    ['42P05', 'prepared statement "s" already exists', 'STORE_FAILED', 'preparedStatements: false'],
    [
      '08P01',
      'unsupported startup parameter: statement_timeout',
      'STORE_FAILED',
      'preparedStatements: false',
    ],
    ['53100', 'could not extend file: No space left on device', 'STORE_FAILED', 'free space'],
    ['57014', 'canceling statement due to statement timeout', 'STORE_FAILED', 'statementTimeoutMs'],
    ['55P03', 'canceling statement due to lock timeout', 'STORE_UNAVAILABLE', '55P03'],
    ['42P01', 'relation "syncline.sync_run" does not exist', 'SCHEMA_OUTDATED', 'migrate()'],
  ])('%s contains what happened and what to do: %s', (...[state, message, code, remedy]) => {
    const error = failure(state, message)
    expect(error).toMatchObject({ code, details: { code: state } })
    expect(error.message).toContain(message)
    expect(error.message).toContain(remedy)
  })

  test.each([
    ['22P02', 'invalid input syntax for type integer: "canary"'],
    ['23505', 'duplicate key value violates unique constraint "canary"'],
    ['P0001', 'canary of a trigger'],
    ['XX000', 'canary'],
  ])('%s quotes no values', (state, message) => {
    const error = failure(state, message)
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toContain('canary')
    expect(error.message).toContain(`(${state})`)
  })
})

describe.skipIf(!serverIsAvailable())('a role with the rights of docs/limits.md', () => {
  const role = `syncline_least_${process.pid}`
  let database: Database
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    await database.query(`create role ${role} login password 'secret-of-a-test'`)
  })
  afterAll(async () => {
    await database.query(`drop owned by ${role}`)
    await database.query(`drop role ${role}`)
    await database.drop()
  })
  const asRole = (): pg.Pool => {
    const url = new URL(database.url)
    Object.assign(url, { username: role, password: 'secret-of-a-test' })
    return new pg.Pool({ connectionString: url.href })
  }

  test('syncs, and one without them is told which object it may not use', async () => {
    const pool = asRole()
    const store = postgresStore({ pool })
    await expect(store.connectors.list({})).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('permission denied for schema syncline'),
    })
    await database.query(`grant usage on schema syncline to ${role}`)
    await database.query(`grant select, insert, update, delete on all tables in schema syncline to ${role}`)
    await database.query(`grant usage on all sequences in schema syncline to ${role}`)
    await saveConnector(store)
    for (const kept of [100, 50]) {
      const run = await begin(store)
      await commit(store, run, { number: 1, records: records(kept) })
      await store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full: true })
      await sweep(store, run)
      await finish(store, run)
    }
    expect(await store.resources.count({ ...staff, stale: true })).toBe(50)
    expect(await store.resources.find({ ...staff, search: 'user', limit: 5 })).toHaveLength(5)
    await pool.end()
  })
})
