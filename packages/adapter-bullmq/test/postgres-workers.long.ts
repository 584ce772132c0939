import { bullmqPostgresQueue, migrateBullmqPostgres } from '@syncline/adapter-bullmq/postgres'
import { afterAll, beforeAll, describe } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { testDyingWorkers } from './dying-workers.ts'

describe.skipIf(!serverIsAvailable())('a worker process on PostgreSQL', () => {
  let database: Database

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
    await migrateBullmqPostgres({ connectionString: database.url })
  })
  afterAll(() => database.drop())

  testDyingWorkers({
    url: () => database.url,
    open: (options) => bullmqPostgresQueue({ connectionString: database.url, ...options }),
  })
})
