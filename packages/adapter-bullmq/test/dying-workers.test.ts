import { bullmqQueue } from '@syncline/adapter-bullmq'
import { describe } from 'vitest'
import { testDyingWorkers } from './dying-workers.ts'
import { clients, redisFile, redisOfThisFile } from './redis-harness.ts'

describe.skipIf(redisFile === undefined)('a worker process on Redis', () => {
  const { server } = redisOfThisFile()
  testDyingWorkers({
    url: () => server().url,
    open: (options) => bullmqQueue({ connect: clients.ioredis6(server().url), ...options }),
  })
})
