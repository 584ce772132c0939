import type { ResourceRef } from '../model/scope.ts'
import type { CacheTarget } from '../ports/cache.ts'

/** An invalidation that the cache has not confirmed yet. */
export interface PendingInvalidation {
  readonly target: CacheTarget
  /** When it was asked for, in milliseconds. */
  readonly since: number
}

/** Invalidations under way. What they cover is neither read from the cache nor stored in it by this process. */
export interface Unacknowledged {
  /** A later one of the same target takes the place of an earlier one. */
  add(target: CacheTarget, since: number): PendingInvalidation
  /** It was confirmed, or has become pointless. Does nothing where a later one took its place. */
  settle(pending: PendingInvalidation): void
  covers(ref: ResourceRef): boolean
  list(): readonly PendingInvalidation[]
}

/** Past so many single resources their types are remembered instead. */
const mostSingles = 1_000

export function createUnacknowledged(): Unacknowledged {
  const pending = new Map<string, PendingInvalidation>()
  let singles = 0
  const keep = (target: CacheTarget, since: number): PendingInvalidation => {
    const key = keyOf(target)
    if (target.externalId !== undefined && !pending.has(key)) singles += 1
    const added = { target, since }
    pending.set(key, added)
    return added
  }
  const settle = (one: PendingInvalidation): void => {
    const key = keyOf(one.target)
    if (pending.get(key) !== one) return
    pending.delete(key)
    if (one.target.externalId !== undefined) singles -= 1
  }
  const widen = (): void => {
    for (const one of pending.values()) {
      const { connectorId, resourceType, externalId } = one.target
      if (externalId === undefined) continue
      settle(one)
      keep({ connectorId, resourceType }, one.since)
    }
  }
  return {
    add(target, since) {
      const { connectorId, resourceType } = target
      const added = keep(target, since)
      if (singles <= mostSingles) return added
      widen()
      return keep({ connectorId, resourceType }, since)
    },
    settle,
    covers({ connectorId, resourceType, externalId }) {
      if (pending.size === 0) return false
      return (
        pending.has(keyOf({ connectorId })) ||
        pending.has(keyOf({ connectorId, resourceType })) ||
        pending.has(keyOf({ connectorId, resourceType, externalId }))
      )
    },
    list: () => [...pending.values()],
  }
}

const keyOf = ({ connectorId, resourceType, externalId }: CacheTarget): string =>
  JSON.stringify([connectorId, resourceType, externalId])
