import { postgresProfileStore, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { testPeopleStore, testProfileStore, testUserDirectory } from '@syncline/testing'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../../test-support/server-database.ts'
import { emptyTables } from '../empty-tables.ts'
import { timePassesStatements } from '../time-passes.ts'
import { insertUsers, userIds } from './insert-users.ts'

describe.skipIf(!serverIsAvailable())('people on a PostgreSQL server', () => {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url, max: 8 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const suites = (connect: () => { readonly pool: pg.Pool } | { readonly db: Kysely<unknown> }): void => {
    testPeopleStore({
      describe,
      test,
      createStore: async () => {
        await pool.query(emptyTables)
        const store = postgresStore(connect())
        return {
          store,
          async timePasses(ms) {
            for (const statement of timePassesStatements) await pool.query(statement, [ms])
          },
          close: () => store.close(),
        }
      },
    })
    testUserDirectory({
      describe,
      test,
      createDirectory: async () => {
        await pool.query(emptyTables)
        const directory = postgresUserDirectory(connect())
        return {
          directory,
          insert: insertUsers(async (text, values) => (await pool.query<{ id: string }>(text, values)).rows),
          close: () => directory.close(),
        }
      },
    })
    testProfileStore({
      describe,
      test,
      createProfiles: async () => {
        await pool.query(emptyTables)
        const profiles = postgresProfileStore(connect())
        return { profiles, userIds, close: () => profiles.close() }
      },
    })
  }

  suites(() => ({ pool }))

  describe('through a Kysely instance of the host', () => {
    suites(() => ({ db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }) }))
  })
})
