import { testStore } from '@syncline/testing'
import { describe } from 'vitest'
import { serverIsAvailable } from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { largeWays } from './large-ways.ts'
import { suitesOnServer } from './suites-on-server.ts'

describe.skipIf(!serverIsAvailable())('a store on a PostgreSQL server', () => {
  suitesOnServer(testStore, {
    'that copies every new row and splits pages at two records': (pool) => composeStore({ pool }, largeWays),
  })
})
