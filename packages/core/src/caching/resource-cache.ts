import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { Cache, CacheLookUp, CacheTarget } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { createCacheGuard } from './cache-guard.ts'
import { createFlights, type Flight } from './flights.ts'
import { createInvalidations } from './invalidations.ts'

export interface ResourceCacheOptions {
  /** Where values are kept. @default nowhere: each look-up fetches, callers at the same time share one fetch */
  readonly cache?: Cache | undefined
  readonly clock: Clock
  /** Between 0 and 1, for the jitter of the time to live. */
  readonly random: () => number
  readonly logger: Logger
  /**
   * How long a value may be served after it was stored, in milliseconds, at most a day. Jitter takes away at most a
   * tenth, so that what was stored together is not fetched again together. @default 300_000
   */
  readonly ttlMs?: number | undefined
  /** The longest a call waits for the cache, in milliseconds, before it goes on without. @default 100 */
  readonly timeoutMs?: number | undefined
}

/** Values of single resources, fetched once and kept for a while: JSON, read back as written. Never fails because of the cache. */
export interface ResourceCache<Value> {
  /**
   * The cached value; else what `fetch` finds, kept unless it is null. Callers of one resource share one fetch in
   * this process, unless an invalidation came between them; each process fetches for itself. What `fetch` throws
   * reaches all who share it and is not kept.
   */
  getOrFetch(ref: ResourceRef, fetch: () => Promise<Value | null>): Promise<Value | null>
  /**
   * Forgets what is kept of a connector, a type or a resource. True: acknowledged, no process serves an older value
   * from now on. False: the cache could not be reached. This process serves no older value all the same, and tries
   * again every second until it is acknowledged or older values have expired; others may serve them until then.
   */
  invalidate(target: CacheTarget): Promise<boolean>
  /** Ends the retries and waits for what is being stored. Never closes the cache. */
  close(): Promise<void>
}

const settingsSchema = z.object({
  ttlMs: z.int().min(1).max(86_400_000).default(300_000),
  timeoutMs: z.int().min(1).max(60_000).default(100),
})

const jitterShare = 0.1

/** @throws OPTIONS_INVALID */
export function createResourceCache<Value>(options: ResourceCacheOptions): ResourceCache<Value> {
  const settings = parseSettings(options)
  const flights = createFlights<Value | null>()
  const kept = options.cache && guarded(options.cache, { ...options, ...settings })

  /** Undefined for text that someone else wrote. */
  const parseValue = (text: string): Value | undefined => {
    try {
      return JSON.parse(text)
    } catch (error) {
      options.logger.warn({ error }, 'the cache holds text that is no JSON')
      return undefined
    }
  }
  const depart = (store: (value: Value) => Promise<void>, fetch: () => Promise<Value | null>) => {
    const value = (async () => fetch())()
    const land = async (): Promise<void> => {
      try {
        const found = await value
        if (found !== null) await store(found)
      } catch {
        // Whoever waits for the value learns of it.
      }
    }
    return { value, landed: land() } satisfies Flight<Value | null>
  }
  return {
    async getOrFetch(ref, fetch) {
      const found = await kept?.lookUp(ref)
      if (found?.kind === 'hit') {
        const value = parseValue(found.value)
        if (value !== undefined) return value
      }
      // Nobody joins a fetch that began before an invalidation: it went with another ticket.
      const ticket = found?.kind === 'miss' ? found.ticket : undefined
      const store = async (value: Value): Promise<void> => {
        const text: string | undefined = JSON.stringify(value)
        if (ticket !== undefined && text !== undefined) await kept?.store(ref, ticket, text)
      }
      return flights.join(ref, ticket, () => depart(store, fetch))
    },
    async invalidate(target) {
      flights.close(target)
      return kept ? kept.invalidate(target) : true
    },
    async close() {
      kept?.close()
      await flights.settled()
    },
  }
}

/** The cache as it is used here: behind the guard, and left alone where an invalidation is not acknowledged. */
interface GuardedCache {
  /** Undefined: go on without the cache. */
  lookUp(ref: ResourceRef): Promise<CacheLookUp | undefined> | undefined
  store(ref: ResourceRef, ticket: string, value: string): Promise<void>
  invalidate(target: CacheTarget): Promise<boolean>
  close(): void
}

function guarded(
  cache: Cache,
  options: ResourceCacheOptions & z.output<typeof settingsSchema>,
): GuardedCache {
  const { clock, random, logger, ttlMs, timeoutMs } = options
  const guard = createCacheGuard({ clock, logger, timeoutMs })
  const invalidations = createInvalidations({ cache, guard, clock, ttlMs })
  return {
    invalidate: (target) => invalidations.invalidate(target),
    close: () => invalidations.close(),
    lookUp: (ref) => (invalidations.cover(ref) ? undefined : guard.attempt(() => cache.lookUp(ref))),
    async store(ref, ticket, value) {
      if (invalidations.cover(ref)) return
      const livesMs = Math.max(1, Math.round(ttlMs * (1 - jitterShare * random())))
      await guard.attempt(() => cache.store({ ref, ticket, value, ttlMs: livesMs }))
    },
  }
}

function parseSettings({ ttlMs, timeoutMs }: ResourceCacheOptions): z.output<typeof settingsSchema> {
  const parsed = settingsSchema.safeParse({ ttlMs, timeoutMs })
  if (parsed.success) return parsed.data
  throw new SyncError('OPTIONS_INVALID', `Cache: ${z.prettifyError(parsed.error)}`)
}
