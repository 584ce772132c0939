import { PGlite } from '@electric-sql/pglite'
import { bullmqQueue } from '@syncline/adapter-bullmq'
import {
  type DatabaseOptions,
  migrate,
  postgresCredentialStore,
  postgresStore,
  postgresUserDirectory,
} from '@syncline/adapter-postgres'
import { openRedisCache, openRedisRateLimiter } from '@syncline/adapter-redis'
import type { SynclineOptions } from '@syncline/core'
import { memoryCache } from '@syncline/core/memory'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Settings } from './settings.ts'

/** What Syncline is composed from, and what closes it. */
export interface Infrastructure {
  readonly parts: Pick<SynclineOptions, 'store' | 'credentials' | 'users' | 'queue' | 'cache' | 'rateLimiter'>
  /** Requests of one caller to all processes are counted here. */
  readonly redis: Redis | undefined
  readonly description: string
  close(): Promise<void>
}

const schema = 'syncline_fastify_app'

/** Servers where the environment names them, else what this process has itself. */
export async function openInfrastructure(settings: Settings): Promise<Infrastructure> {
  const database = await openDatabase(settings.databaseUrl)
  await migrate(database.options)
  const keys = { current: { id: 'example', key: settings.credentialKey } }
  const store = postgresStore(database.options)
  const credentials = postgresCredentialStore({ ...database.options, keys })
  const users = postgresUserDirectory(database.options)
  const shared = settings.redisUrl === undefined ? inThisProcess() : await onRedis(settings.redisUrl)
  return {
    parts: { store, credentials, users, ...shared.parts },
    redis: shared.redis,
    description: `${database.description}, ${shared.description}`,
    async close() {
      await shared.close()
      await Promise.all([store.close(), credentials.close(), users.close()])
      await database.close()
    },
  }
}

interface OpenDatabase {
  readonly options: DatabaseOptions
  readonly description: string
  close(): Promise<void>
}

async function openDatabase(connectionString: string | undefined): Promise<OpenDatabase> {
  if (connectionString === undefined) {
    const pglite = await PGlite.create()
    return { options: { pglite, schema }, description: 'PGlite in memory', close: () => pglite.close() }
  }
  const pool = new pg.Pool({ connectionString, max: 10 })
  return { options: { pool, schema }, description: 'PostgreSQL', close: () => pool.end() }
}

type Shared = Omit<Infrastructure, 'parts'> & {
  readonly parts: Pick<Infrastructure['parts'], 'queue' | 'cache' | 'rateLimiter'>
}

function inThisProcess(): Shared {
  return {
    parts: { cache: memoryCache() },
    redis: undefined,
    description: 'queue and cache of this process',
    close: async () => undefined,
  }
}

async function onRedis(url: string): Promise<Shared> {
  const queue = bullmqQueue({ connect: (options) => new Redis(url, options), prefix: 'syncline-fastify-app' })
  const cache = await openRedisCache({ url })
  const rateLimiter = await openRedisRateLimiter({ url })
  const redis = new Redis(url, { connectTimeout: 500, maxRetriesPerRequest: 1 })
  return {
    parts: { queue, cache, rateLimiter },
    redis,
    description: 'BullMQ, cache and limits on Redis',
    async close() {
      await queue.close()
      await Promise.all([cache.close(), rateLimiter.close()])
      redis.disconnect()
    },
  }
}
