import { postgresStore } from '@syncline/adapter-postgres'
import { type ContractHost, type ContractServer, testHttpApi } from '@syncline/testing'
import Fastify from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { emptyTables } from '../../adapter-postgres/test/empty-tables.ts'
import { synclineHttp } from '../src/index.ts'
import { holdToDocument } from './hold-to-document.ts'

async function serve({ syncline, authorize }: ContractHost): Promise<ContractServer> {
  const app = Fastify({ forceCloseConnections: true })
  const held = holdToDocument(app)
  await app.register(synclineHttp, {
    syncline,
    rateLimit: false,
    authorize: ({ headers }, permission, connectorId) =>
      authorize(headers.authorization, permission, connectorId),
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    baseUrl: `${address}/api`,
    async close() {
      await app.close()
      held.verify()
    },
  }
}

describe('over a store in memory', () => {
  testHttpApi({ describe, test, serve })
})

describe.skipIf(!serverIsAvailable())('over a PostgreSQL server', () => {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url, max: 10 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  testHttpApi({
    describe,
    test,
    serve,
    async createStore() {
      await pool.query(emptyTables)
      const store = postgresStore({ pool })
      return { store, close: () => store.close() }
    },
  })
})
