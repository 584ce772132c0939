import { postgresCredentialStore } from '@syncline/adapter-postgres'
import { testCredentialStore } from '@syncline/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../../test-support/server-database.ts'
import { claimsAge, keys } from './claims-age.ts'

describe.skipIf(!serverIsAvailable())('credentials on a PostgreSQL server', () => {
  let database: Database
  let pools: pg.Pool[]

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pools = [0, 1].map(() => new pg.Pool({ connectionString: database.url, max: 5 }))
    // A client that is on its way out may still hear that its database is dropped.
    for (const pool of pools) pool.on('connect', (client) => client.on('error', () => {}))
  })
  afterAll(async () => {
    for (const pool of pools) await pool.end()
    await database.drop()
  })

  testCredentialStore({
    describe,
    test,
    createStore: async () => {
      await database.query('delete from syncline.credential')
      const stores = pools.map((pool) => postgresCredentialStore({ pool, keys }))
      const [store, other] = stores
      if (!store || !other) throw new Error('There are two pools')
      return {
        store,
        other,
        timePasses: async (ms) => void (await database.query(claimsAge, [ms])),
        close: async () => void (await Promise.all(stores.map((one) => one.close()))),
      }
    },
  })
})
