import type { ChangeLog } from '../ports/change-log.ts'
import { copyOf, type MemoryState, readScope } from './memory-state.ts'

/** The change log as an array: a position is a place in it. */
export function memoryChangeLog(state: MemoryState): ChangeLog {
  return {
    async read({ scope, after, limit }) {
      const changes = readScope(state, scope)?.changes ?? []
      const from = Math.max(0, after)
      return changes.slice(from, from + limit).map(copyOf)
    },
  }
}
