import { testQueue } from '@syncline/testing'
import { describe, test } from 'vitest'
import { clients, redisFile, redisHarness, redisOfThisFile } from './redis-harness.ts'

describe.skipIf(redisFile === undefined)('BullMQ 6 with ioredis 5', () => {
  const { server } = redisOfThisFile()
  testQueue({
    describe,
    test: test.concurrent,
    createQueue: async () => redisHarness(clients.ioredis5(server().url)),
  })
})
