import type { RedisClientOptions } from '@syncline/adapter-bullmq'
import { Redis } from 'ioredis'

/** Makes the clients of a queue, also where no test runs. */
export const connectRedis =
  (url: string) =>
  (options: RedisClientOptions): Redis =>
    new Redis(url, options)
