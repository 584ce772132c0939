import type { PGlite } from '@electric-sql/pglite'
import { postgresProfileStore, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { testPeopleStore, testProfileStore, testUserDirectory } from '@syncline/testing'
import { describe, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import { emptyTables } from '../empty-tables.ts'
import { timePassesStatements } from '../time-passes.ts'
import { insertUsers, userIds } from './insert-users.ts'

let shared: ReturnType<typeof migratedPglite> | undefined

async function emptied(): Promise<PGlite> {
  shared ??= migratedPglite()
  const pglite = await shared
  await pglite.query(emptyTables)
  return pglite
}

describe('people on PGlite', () => {
  testPeopleStore({
    describe,
    test,
    createStore: async () => {
      const pglite = await emptied()
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
  testUserDirectory({
    describe,
    test,
    createDirectory: async () => {
      const pglite = await emptied()
      const directory = postgresUserDirectory({ pglite })
      return {
        directory,
        insert: insertUsers(async (text, values) => (await pglite.query<{ id: string }>(text, values)).rows),
        close: () => directory.close(),
      }
    },
  })
  testProfileStore({
    describe,
    test,
    createProfiles: async () => {
      const profiles = postgresProfileStore({ pglite: await emptied() })
      return { profiles, userIds, close: () => profiles.close() }
    },
  })
})
