import type { ResourceRef } from '../model/scope.ts'

/** What a cache forgets: everything of a connector, of one of its resource types, or one resource. */
export interface CacheTarget {
  readonly connectorId: string
  /** Must be given with `externalId`. @default every type */
  readonly resourceType?: string | undefined
  /** @default every resource of the type */
  readonly externalId?: string | undefined
}

/** What is there for a resource. */
export type CacheLookUp =
  | { readonly kind: 'hit'; readonly value: string }
  /** The right to store what a fetch that begins now will find. Whoever looks meanwhile is given the same one. */
  | { readonly kind: 'miss'; readonly ticket: string }

/** A value to keep. */
export interface CacheEntry {
  readonly ref: ResourceRef
  /** From the look-up that found nothing, made before the value was fetched. */
  readonly ticket: string
  /** Any text; core keeps JSON. */
  readonly value: string
  /** How long it may be served. */
  readonly ttlMs: number
}

/**
 * Keeps values of single resources for a while, for every process that shares it. Once an invalidation has been
 * acknowledged, no look-up that begins afterwards, in any process, answers a value that was there before, nor one
 * whose ticket was given before: a fetch that overlaps an invalidation cannot bring the old value back. Losing
 * entries is always allowed; answering a wrong one never.
 * @throws CACHE_UNAVAILABLE from any method: nobody knows whether it was done, and it may still be done later
 */
export interface Cache {
  lookUp(ref: ResourceRef): Promise<CacheLookUp>
  /**
   * False when the ticket no longer holds: it was invalidated, its minute is over, the value of another holder is
   * kept already, or the cache has lost it.
   */
  store(entry: CacheEntry): Promise<boolean>
  /** Its cost must not depend on how much is kept. Safe to repeat. */
  invalidate(target: CacheTarget): Promise<void>
  /** Closes what the cache opened itself; never what the host passed in. */
  close(): Promise<void>
}

/** How long a ticket holds: a value whose fetch took longer is not kept. */
export const cacheTicketMs = 60_000
