import { postgresStore } from '@syncline/adapter-postgres'
import { testStore } from '@syncline/testing'
import { Kysely, PostgresDialect } from 'kysely'
import { describe } from 'vitest'
import { serverIsAvailable } from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { encodingAhead } from './encoding-ahead.ts'
import { largeWays } from './large-ways.ts'
import { suitesOnServer } from './suites-on-server.ts'

describe.skipIf(!serverIsAvailable())('a store on a PostgreSQL server', () => {
  suitesOnServer(testStore, {
    'on a pool of the host': (pool) => postgresStore({ pool }),
    'that copies every new row, splits pages at two records and encodes them ahead': (pool) =>
      encodingAhead(composeStore({ pool }, largeWays)),
    'through a Kysely instance of the host': (pool) =>
      postgresStore({ db: new Kysely({ dialect: new PostgresDialect({ pool }) }) }),
  })
})
