import { SyncError } from '@syncline/core'

/** Ids met by passes of this process. */
export interface SeenIds {
  /** Begins a pass. */
  begin(session: string): void
  /** The first `met` ids of a pass, to be added to. Undefined when another process read them. */
  upTo(session: string, met: number): Set<string> | undefined
  /** Forgets a pass that has ended. */
  end(session: string): void
}

/** Keeps at most so many passes; the one begun first gives way, and its listing begins again. */
export function createSeenIds(atMost: number): SeenIds {
  const passes = new Map<string, Set<string>>()
  return {
    begin(session) {
      passes.set(session, new Set())
      const [oldest] = passes.keys()
      if (passes.size > atMost && oldest !== undefined) passes.delete(oldest)
    },
    upTo(session, met) {
      const ids = passes.get(session)
      if (!ids || ids.size < met) return undefined
      if (ids.size === met) return ids
      // The page is read again: what it held the last time was perhaps never stored.
      const before = new Set([...ids].slice(0, met))
      passes.set(session, before)
      return before
    },
    end: (session) => void passes.delete(session),
  }
}

/** One pass; at about 100 bytes each. */
const maxIds = 1_000_000

/** @throws UPSTREAM_REJECTED when there are too many to be held */
export function addIds(seen: Set<string>, ids: readonly string[]): void {
  for (const id of ids) seen.add(id)
  if (seen.size <= maxIds) return
  throw new SyncError(
    'UPSTREAM_REJECTED',
    `More than ${maxIds} records come in no known order, too many to prove that none was passed over; if the server's maker promises a stable order, set stableOrder`,
    { details: { limit: maxIds, failureType: 'config' } },
  )
}
