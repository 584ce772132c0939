import type { Store } from '@syncline/core'
import type { StoreSuite } from '@syncline/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Database, emptyServerDatabase } from '../../../test-support/server-database.ts'
import { emptyTables } from './empty-tables.ts'
import { timePassesStatements } from './time-passes.ts'

/** Declares a suite of stores, over one database of the server, for each way of opening a store on its pool. */
export function suitesOnServer(
  suite: (options: StoreSuite) => void,
  ways: Readonly<Record<string, (pool: pg.Pool) => Store>>,
  /** Run once in the new database, whose tables are empty. */
  prepare: readonly string[] = [],
): void {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    for (const statement of prepare) await database.query(statement)
    pool = new pg.Pool({ connectionString: database.url, max: 8 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  describe.each(Object.entries(ways))('%s', (_name, open) => {
    suite({
      describe,
      test,
      createStore: async () => {
        await pool.query(emptyTables)
        const store = open(pool)
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
}
