import { type BullmqQueueOptions, bullmqQueue, type RedisClientOptions } from '@syncline/adapter-bullmq'
import type { QueueHarness } from '@syncline/testing'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, beforeAll } from 'vitest'
import { findRedis, type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'

export const redisFile = findRedis()

/** A Redis for the tests of a file. */
export function redisOfThisFile(): { readonly server: () => RedisServer } {
  let server: RedisServer | undefined
  beforeAll(async () => {
    if (redisFile !== undefined) server = await startRedis(redisFile)
  })
  afterAll(() => server?.stop())
  return {
    server() {
      if (!server) throw new Error('There is no Redis')
      return server
    },
  }
}

/** Clients of both majors of ioredis. */
export const clients = {
  ioredis6: (url: string) => (options: RedisClientOptions) => new Redis(url, options),
  ioredis5: (url: string) => (options: RedisClientOptions) => new Redis5(url, options),
}

let prefixes = 0
/** Keys of a test's own. */
export const newPrefix = (): string => {
  prefixes += 1
  return `t${prefixes}`
}

export const passing = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Two queues, as two processes have them, on one prefix. */
export function redisHarness(connect: BullmqQueueOptions['connect']): QueueHarness {
  const options = { connect, prefix: newPrefix(), lockMs: 1_000, timeoutMs: 15_000 }
  const [queue, other] = [bullmqQueue(options), bullmqQueue(options)]
  return {
    queue,
    other,
    now: () => Date.now(),
    timePasses: passing,
    async close() {
      await Promise.all([queue.close({ drainMs: 0 }), other.close({ drainMs: 0 })])
    },
  }
}
