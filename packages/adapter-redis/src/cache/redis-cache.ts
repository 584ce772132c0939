import {
  type Cache,
  type CacheEntry,
  type CacheLookUp,
  cacheTicketMs,
  createUuidV7,
  SyncError,
} from '@syncline/core'
import { z } from 'zod'
import { isConnected, type RedisClient, refuseCluster } from '../redis-client.ts'
import { cacheKeys, type EntryKeys } from './cache-keys.ts'
import { storeScript, ticketScript } from './cache-scripts.ts'
import { entryReads } from './entry-reads.ts'
import { readEntry } from './entry-text.ts'
import { watchServer } from './server-life.ts'

export interface RedisCacheOptions {
  /** Yours: it is never closed, and may be used for anything else. Commands go through it as it is configured. */
  readonly client: RedisClient
  /** How keys begin; one per kind of value. @default 'cr' */
  readonly prefix?: string | undefined
  /** Makes unique marks. @default UUID v7 */
  readonly createMark?: (() => string) | undefined
}

/** Longer than any entry lives, and written again by every look-up that finds nothing. */
const generationMs = 2 * 86_400_000
const ticketAnswer = z.tuple([z.string(), z.string()])

/**
 * The cache of many processes. A hit is one MGET, shared by look-ups made at the same time; a miss one script more.
 * Forgetting a type or a connector deletes one key, whatever is kept below it, also where Redis is out of memory. What
 * is kept counts for the life of the server process only: after a restart or a failover it is empty.
 * @throws OPTIONS_INVALID
 */
export function redisCache(options: RedisCacheOptions): Cache {
  const { client, prefix = 'cr', createMark = createUuidV7() } = options
  refuseCluster(client)
  const keys = cacheKeys(prefix)
  const server = watchServer(client)
  const reads = entryReads(client, server)

  const miss = async (asked: EntryKeys): Promise<CacheLookUp> => {
    const life = server.known ?? (await server.ask())
    const values = [life.runId, createMark(), cacheTicketMs, generationMs]
    const [tag, made] = ticketAnswer.parse(await ticketScript.run(client, inOrder(asked), values))
    const found = server.known === life ? readEntry(tag, made) : undefined
    if (found) return found
    throw new Error('the connection broke')
  }
  const store = async ({ ref, ticket, value, ttlMs }: CacheEntry): Promise<boolean> => {
    const { runId } = server.known ?? (await server.ask())
    if (!ticket.startsWith(`?${runId} `)) return false
    return (await storeScript.run(client, inOrder(keys.of(ref)), [ticket, value, ttlMs])) === 1
  }
  return {
    async lookUp(ref) {
      requireConnection(client)
      try {
        if (!server.known) await server.ask()
        const asked = keys.of(ref)
        return (await reads.read(asked)) ?? (await miss(asked))
      } catch (error) {
        throw unavailable(error)
      }
    },
    async store(entry) {
      requireConnection(client)
      try {
        return await store(entry)
      } catch (error) {
        throw unavailable(error)
      }
    },
    async invalidate(target) {
      requireConnection(client)
      try {
        await client.del(keys.ofTarget(target))
      } catch (error) {
        throw unavailable(error)
      }
    },
    async close() {
      server.stop()
    },
  }
}

function requireConnection(client: RedisClient): void {
  if (!isConnected(client)) throw unavailable(new Error(`the client is ${client.status}`))
}

/** As the scripts want them. */
const inOrder = ({ entry, scope }: EntryKeys): readonly string[] => [entry, scope.type, scope.connector]

/** Without the driver's error: it carries the command, and with it what was to be stored. */
const unavailable = (error: unknown): SyncError =>
  new SyncError(
    'CACHE_UNAVAILABLE',
    `Redis does not serve the cache: ${error instanceof Error ? error.message : String(error)}`,
  )
