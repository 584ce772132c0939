import type { Cache } from '@syncline/core'
import { openClient } from '../open-client.ts'
import { type RedisCacheOptions, redisCache } from './redis-cache.ts'

export interface OpenRedisCacheOptions extends Omit<RedisCacheOptions, 'client'> {
  /** `redis://user:password@host:port/database`, `rediss://` for TLS */
  readonly url: string
}

/** A cache with a connection of its own, which `close` ends. A server that is away is no error. @throws OPTIONS_INVALID */
export async function openRedisCache({ url, ...options }: OpenRedisCacheOptions): Promise<Cache> {
  const client = await openClient(url)
  const cache = redisCache({ ...options, client })
  return {
    ...cache,
    async close() {
      await cache.close()
      client.disconnect()
    },
  }
}
