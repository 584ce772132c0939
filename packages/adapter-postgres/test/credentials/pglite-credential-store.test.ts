import { postgresCredentialStore } from '@syncline/adapter-postgres'
import { testCredentialStore } from '@syncline/testing'
import { describe, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import { claimsAge, keys } from './claims-age.ts'

let shared: ReturnType<typeof migratedPglite> | undefined

describe('credentials on PGlite', () => {
  testCredentialStore({
    describe,
    test,
    createStore: async () => {
      shared ??= migratedPglite()
      const pglite = await shared
      await pglite.query('delete from syncline.credential')
      const store = postgresCredentialStore({ pglite, keys })
      return {
        store,
        other: postgresCredentialStore({ pglite, keys }),
        timePasses: async (ms) => void (await pglite.query(claimsAge, [ms])),
        close: () => store.close(),
      }
    },
  })
})
