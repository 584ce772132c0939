import { postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import { testWebhookStore } from '@syncline/testing'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../../test-support/server-database.ts'
import { composeStore } from '../../src/compose-store.ts'
import { emptyTables } from '../empty-tables.ts'
import { timePassesStatements } from '../time-passes.ts'

describe.skipIf(!serverIsAvailable())('webhooks on a PostgreSQL server', () => {
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

  const suite = (open: () => Store): void =>
    testWebhookStore({
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
    const sizes = { recordsPerPart: 2, leastRowsToCopy: 1, rowsWalkedFirst: 1, unseenRowsNoted: 0 }
    suite(() => composeStore({ pool }, sizes))
  })

  describe('through a Kysely instance of the host', () => {
    suite(() => postgresStore({ db: new Kysely({ dialect: new PostgresDialect({ pool }) }) }))
  })
})
