import type { ChangeLog } from '../ports/change-log.ts'
import { copyOf, type MemoryState, readScope } from './memory-state.ts'

/** The change log as an array: a position is a place in it. */
export function memoryChangeLog(state: MemoryState): ChangeLog {
  return {
    async read({ scope, after, limit }) {
      const changes = readScope(state, scope)?.changes ?? []
      return changes.slice(after, after + limit).map(copyOf)
    },
  }
}
