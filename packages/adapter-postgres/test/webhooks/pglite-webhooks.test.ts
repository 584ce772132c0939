import { postgresStore } from '@syncline/adapter-postgres'
import { testWebhookStore } from '@syncline/testing'
import { describe, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import { emptyTables } from '../empty-tables.ts'
import { timePassesStatements } from '../time-passes.ts'

let shared: ReturnType<typeof migratedPglite> | undefined

/** One instance for all cases, emptied between them: a quarter of a gigabyte each. */
describe('webhooks on PGlite', () => {
  testWebhookStore({
    describe,
    test,
    createStore: async () => {
      shared ??= migratedPglite()
      const pglite = await shared
      await pglite.query(emptyTables)
      const store = postgresStore({ pglite })
      return {
        store,
        async timePasses(ms) {
          for (const statement of timePassesStatements) await pglite.query(statement, [ms])
        },
        close: () => store.close(),
      }
    },
  })
})
