import { testQueue } from '@syncline/testing'
import { describe, test } from 'vitest'
import { clients, redisFile, redisHarness, redisOfThisFile } from './redis-harness.ts'

/** BullMQ 5 is held to the suite with ioredis 5, BullMQ 6 with ioredis 6; crossed they are in the long tests. */
const connect = process.env.BULLMQ === '5' ? clients.ioredis5 : clients.ioredis6

describe.skipIf(redisFile === undefined)('BullMQ on Redis', () => {
  const { server } = redisOfThisFile()
  testQueue({
    describe,
    test: test.concurrent,
    createQueue: async () => redisHarness(connect(server().url)),
  })
})
