import { bullmqPostgresQueue, migrateBullmqPostgres } from '@syncline/adapter-bullmq/postgres'
import { testQueue } from '@syncline/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { newPrefix, passing } from './redis-harness.ts'

describe.skipIf(!serverIsAvailable())('BullMQ 6 on PostgreSQL', () => {
  let database: Database

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
    await migrateBullmqPostgres({ connectionString: database.url })
  })
  afterAll(() => database.drop())

  testQueue({
    describe,
    test: test.concurrent,
    async createQueue() {
      const options = {
        connectionString: database.url,
        prefix: newPrefix(),
        lockMs: 1_000,
        timeoutMs: 15_000,
      }
      const [queue, other] = [bullmqPostgresQueue(options), bullmqPostgresQueue(options)]
      return {
        queue,
        other,
        now: () => Date.now(),
        timePasses: passing,
        async close() {
          await Promise.all([queue.close({ drainMs: 0 }), other.close({ drainMs: 0 })])
        },
      }
    },
  })
})
