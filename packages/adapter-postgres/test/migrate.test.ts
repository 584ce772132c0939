import { PGlite } from '@electric-sql/pglite'
import { migrate, migrationStatus, postgresStore } from '@syncline/adapter-postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../test-support/pglite-database.ts'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { migrations } from '../src/migrations/index.ts'
import { fullPass, record, saveConnector, staff } from './listing.ts'

const latest = migrations.at(-1)?.version ?? 0
const current = { version: latest, latest, pending: [] }
const names = migrations.map(({ name }) => name)

describe('a schema', () => {
  let pglite: PGlite
  beforeAll(async () => {
    pglite = await migratedPglite()
  })
  afterAll(() => pglite.close())

  test('that is not there makes every method throw SCHEMA_OUTDATED until it is migrated', async () => {
    const options = { pglite, schema: 'late' }
    const store = postgresStore(options)
    await expect(store.runs.abandoned(1)).rejects.toMatchObject({ code: 'SCHEMA_OUTDATED' })
    expect(await migrationStatus(options)).toEqual({ version: 0, latest, pending: names })
    expect(await migrate(options)).toEqual(current)
    expect(await store.runs.abandoned(1)).toEqual([])
  })

  test('that is up to date is left alone', async () => {
    const before = await pglite.query('select * from syncline.schema_migration')
    expect(await migrate({ pglite })).toEqual(current)
    expect(await pglite.query('select * from syncline.schema_migration')).toEqual(before)
  })

  test('of a newer release is refused, and not touched', async () => {
    const options = { pglite, schema: 'newer' }
    await migrate(options)
    await pglite.query(`insert into newer.schema_migration values (${latest + 1}, 'from the future')`)
    await expect(postgresStore(options).connectors.list({})).rejects.toMatchObject({
      code: 'SCHEMA_OUTDATED',
      details: { schema: 'newer', version: latest + 1, wanted: latest },
    })
    expect((await migrate(options)).version).toBe(latest + 1)
  })

  test('may be chosen by the host and may be there already; two live side by side', async () => {
    await pglite.query('create schema tenant_a')
    const stores = [{ pglite, schema: 'tenant_a' }, { pglite }]
    for (const options of stores) {
      await migrate(options)
      const store = postgresStore(options)
      await saveConnector(store)
      await fullPass(store, [record(options.schema ?? 'default')])
    }
    for (const options of stores) {
      const found = await postgresStore(options).resources.find({ ...staff, limit: 10 })
      expect(found.map(({ externalId }) => externalId)).toEqual([options.schema ?? 'default'])
    }
  })

  test('is found whatever the search path is', async () => {
    await pglite.query('create schema elsewhere')
    await pglite.query('create table elsewhere.connector_definition (id text)')
    await pglite.query('set search_path = elsewhere')
    await migrate({ pglite, schema: 'anywhere' })
    expect(await postgresStore({ pglite, schema: 'anywhere' }).connectors.list({})).toEqual([])
    await pglite.query('reset search_path')
  })

  test.each(['', 'Upper', '1st', 'pg_own', 'a-b', 'a"b', 'x'.repeat(64)])(
    'named %j is refused with OPTIONS_INVALID',
    (schema) => {
      expect(() => postgresStore({ pglite, schema })).toThrowError(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      )
    },
  )
})

describe.skipIf(!serverIsAvailable())('migrations', () => {
  let database: Database
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
  })
  afterAll(() => database.drop())

  test('from several connections at once run once', async () => {
    const pools = Array.from({ length: 6 }, () => new pg.Pool({ connectionString: database.url, max: 1 }))
    const done = await Promise.all(pools.map((pool) => migrate({ pool })))
    expect(done).toEqual(pools.map(() => current))
    const { rows } = await database.query('select version, name from syncline.schema_migration')
    expect(rows).toEqual(migrations.map(({ version, name }) => ({ version, name })))
    await Promise.all(pools.map((pool) => pool.end()))
  })

  test('need no right to create schemas when the schema is there', async () => {
    const role = `${new URL(database.url).pathname.slice(1)}_role`
    await database.query(`create role ${role} login`)
    await database.query(`create schema granted authorization ${role}`)
    const url = new URL(database.url)
    url.username = role
    const pool = new pg.Pool({ connectionString: url.href, max: 1 })
    expect(await migrate({ pool, schema: 'granted' })).toEqual(current)
    await pool.end()
    await database.query(`drop owned by ${role} cascade`)
    await database.query(`drop role ${role}`)
  })
})
