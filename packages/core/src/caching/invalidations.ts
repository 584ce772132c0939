import type { ResourceRef } from '../model/scope.ts'
import { type Cache, type CacheTarget, cacheTicketMs } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { CacheGuard } from './cache-guard.ts'
import { createUnacknowledged, type PendingInvalidation } from './unacknowledged.ts'

/** Asks the cache to forget, and keeps asking until it has, or until there is nothing left to forget. */
export interface Invalidations {
  /** Whether this process must do without the cache for the resource. */
  cover(ref: ResourceRef): boolean
  /** False: not acknowledged yet. */
  invalidate(target: CacheTarget): Promise<boolean>
  close(): void
}

export interface InvalidationsOptions {
  readonly cache: Cache
  readonly guard: CacheGuard
  readonly clock: Clock
  readonly ttlMs: number
}

const retryMs = 1_000

export function createInvalidations({ cache, guard, clock, ttlMs }: InvalidationsOptions): Invalidations {
  const unacknowledged = createUnacknowledged()
  let stopRetry: (() => void) | undefined
  let closed = false

  const confirm = async (pending: PendingInvalidation): Promise<boolean> => {
    const done = await guard.insist(async () => {
      await cache.invalidate(pending.target)
      return true
    })
    if (done) unacknowledged.settle(pending)
    return done === true
  }
  const retry = async (): Promise<void> => {
    // Nothing stored before an invalidation lives longer than a ticket and the time to live together.
    const expired = clock.now().getTime() - cacheTicketMs - ttlMs
    for (const pending of unacknowledged.list()) {
      if (closed) return
      if (pending.since < expired) unacknowledged.settle(pending)
      else if (!(await confirm(pending))) break
    }
    stopRetry = undefined
    scheduleRetry()
  }
  const scheduleRetry = (): void => {
    if (closed || stopRetry || unacknowledged.list().length === 0) return
    stopRetry = clock.after(retryMs, () => void retry())
  }
  return {
    cover: (ref) => unacknowledged.covers(ref),
    async invalidate(target) {
      const done = await confirm(unacknowledged.add(target, clock.now().getTime()))
      if (!done) scheduleRetry()
      return done
    },
    close() {
      closed = true
      stopRetry?.()
    },
  }
}
