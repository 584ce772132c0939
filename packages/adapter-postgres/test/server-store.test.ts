import { postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import { testStore } from '@syncline/testing'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { emptyTables } from './empty-tables.ts'
import { encodingAhead } from './encoding-ahead.ts'
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

  const suite = (open: () => Store): void =>
    testStore({
      describe,
      test,
      createStore: async () => {
        await pool.query(emptyTables)
        const store = open()
        return {
          store,
          async timePasses(ms) {
            for (const statement of timePassesStatements) await pool.query(statement, [ms])
          },
          close: () => store.close(),
        }
      },
    })

  suite(() => postgresStore({ pool }))

  // The ways of large pages and first loads, which the suite's small pages would never take.
  describe('that copies every new row and splits pages at two records', () => {
    suite(() =>
      composeStore(
        { pool },
        { recordsPerPart: 2, leastRowsToCopy: 1, rowsWalkedFirst: 1, unseenRowsNoted: 0 },
      ),
    )
  })

  describe('whose pages are encoded ahead', () => {
    suite(() =>
      encodingAhead(
        composeStore(
          { pool },
          { recordsPerPart: 2, leastRowsToCopy: 1, rowsWalkedFirst: 1, unseenRowsNoted: 0 },
        ),
      ),
    )
  })

  describe('through a Kysely instance of the host', () => {
    suite(() => postgresStore({ db: new Kysely({ dialect: new PostgresDialect({ pool }) }) }))
  })
})
