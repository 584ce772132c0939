import { openClient } from '../open-client.ts'
import {
  type RedisRateLimiter,
  type RedisRateLimiterOptions,
  redisRateLimiter,
} from './redis-rate-limiter.ts'

export interface OpenRedisRateLimiterOptions extends Omit<RedisRateLimiterOptions, 'client'> {
  /** `redis://user:password@host:port/database`, `rediss://` for TLS */
  readonly url: string
}

/**
 * A rate limiter with a connection of its own, which `close` ends. A server that is away is no error.
 * @throws OPTIONS_INVALID
 */
export async function openRedisRateLimiter(options: OpenRedisRateLimiterOptions): Promise<RedisRateLimiter> {
  const { url, ...rest } = options
  const client = await openClient(url)
  const limiter = redisRateLimiter({ ...rest, client })
  return {
    ...limiter,
    async close() {
      await limiter.close()
      client.disconnect()
    },
  }
}
