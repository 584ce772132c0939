import { postgresStore } from '@syncline/adapter-postgres'
import { testStore } from '@syncline/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { emptyTables } from './empty-tables.ts'
import { timePassesStatements } from './time-passes.ts'

describe.skipIf(!serverIsAvailable())('a store on a PostgreSQL server', () => {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url, max: 5 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  testStore({
    describe,
    test,
    createStore: async () => {
      await pool.query(emptyTables)
      const store = postgresStore({ pool })
      return {
        store,
        async timePasses(ms) {
          for (const statement of timePassesStatements) await pool.query(statement, [ms])
        },
        close: () => store.close(),
      }
    },
  })
})
