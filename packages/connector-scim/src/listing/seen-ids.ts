import { SyncError } from '@syncline/core'

/** Ids that listings of this process have met, one set for each pass. */
export interface SeenIds {
  /** The first `met` ids of a pass, to be added to. Undefined when another process read them, or they are forgotten. */
  read(session: string, met: number): Set<string> | undefined
  /**
   * Remembers what a pass has met so far.
   * @throws UPSTREAM_REJECTED when it alone has met too many
   */
  keep(session: string, ids: Set<string>): void
  /** Forgets a pass that has ended. */
  forget(session: string): void
}

/** Keeps at most so many ids in all; the pass that was read longest ago gives way, and its listing begins again. */
export function createSeenIds(atMost: number): SeenIds {
  const passes = new Map<string, Set<string>>()
  const held = (): number => [...passes.values()].reduce((sum, ids) => sum + ids.size, 0)
  return {
    read(session, met) {
      if (met === 0) return new Set()
      const ids = passes.get(session)
      if (!ids || ids.size < met) return undefined
      // The page is read again: what it held the last time was perhaps never stored.
      return ids.size === met ? ids : new Set([...ids].slice(0, met))
    },
    keep(session, ids) {
      passes.delete(session)
      if (ids.size > atMost) throw tooMany(atMost)
      passes.set(session, ids)
      for (const oldest of passes.keys()) {
        if (held() <= atMost) break
        passes.delete(oldest)
      }
    },
    forget: (session) => void passes.delete(session),
  }
}

const tooMany = (limit: number): SyncError =>
  new SyncError(
    'UPSTREAM_REJECTED',
    `More than ${limit} records come in no known order, too many to prove that none was passed over; if the server's maker promises a stable order, set stableOrder`,
    { details: { limit, failureType: 'config' } },
  )
