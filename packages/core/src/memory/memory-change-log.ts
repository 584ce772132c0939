import { SyncError } from '../errors.ts'
import type { ChangeLog } from '../ports/change-log.ts'
import { copyOf, type MemoryState, readScope } from './memory-state.ts'

/** The change log as an array: a position is a place in it, counted from what was pruned. */
export function memoryChangeLog(state: MemoryState): ChangeLog {
  return {
    async read({ scope, after, limit }) {
      const { changes, prunedTo } = readScope(state, scope) ?? { changes: [], prunedTo: 0 }
      if (after < prunedTo) {
        throw new SyncError('CHANGES_EXPIRED', `Changes up to position ${prunedTo} were pruned`, {
          details: { oldest: prunedTo + 1 },
        })
      }
      return changes.slice(after - prunedTo, after - prunedTo + limit).map(copyOf)
    },
    async prune({ scope, olderThanMs, limit }) {
      const data = readScope(state, scope)
      if (!data) return { count: 0, done: true }
      const until = state.now() - olderThanMs
      const kept = data.changes.findIndex(({ at }) => at.getTime() >= until)
      const old = kept === -1 ? data.changes.length : kept
      const count = Math.min(old, limit)
      data.changes.splice(0, count)
      data.prunedTo += count
      return { count, done: count === old }
    },
  }
}
