import { postgresStore } from '@syncline/adapter-postgres'
import { testWebhookStore } from '@syncline/testing'
import { Kysely, PostgresDialect } from 'kysely'
import { describe } from 'vitest'
import { serverIsAvailable } from '../../../../test-support/server-database.ts'
import { composeStore } from '../../src/compose-store.ts'
import { largeWays } from '../large-ways.ts'
import { suitesOnServer } from '../suites-on-server.ts'

describe.skipIf(!serverIsAvailable())('webhooks on a PostgreSQL server', () => {
  suitesOnServer(testWebhookStore, {
    'on a pool of the host': (pool) => postgresStore({ pool }),
    'that copies every new row and splits pages at two records': (pool) => composeStore({ pool }, largeWays),
    'through a Kysely instance of the host': (pool) =>
      postgresStore({ db: new Kysely({ dialect: new PostgresDialect({ pool }) }) }),
  })
})
