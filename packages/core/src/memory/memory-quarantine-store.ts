import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { QuarantineStore } from '../ports/quarantine-store.ts'
import { copyOf, type MemoryState, readScope, type ScopeData } from './memory-state.ts'

/** Reads what pages put into quarantine. */
export function memoryQuarantineStore(state: MemoryState): QuarantineStore {
  return {
    async list({ scope, limit, offset = 0 }) {
      const entries = [...(readScope(state, scope)?.quarantine ?? [])].toReversed()
      return entries.slice(offset, offset + limit).map(copyOf)
    },
    async count(scope) {
      return readScope(state, scope)?.quarantine.size ?? 0
    },
  }
}

/** Puts a record into quarantine: the latest entry of an id replaces the one before. */
export function quarantine(data: ScopeData, entry: QuarantinedRecord): void {
  if (entry.externalId !== undefined) {
    endQuarantine(data, entry.externalId)
    data.quarantineById.set(entry.externalId, entry)
  }
  data.quarantine.add(entry)
}

/** A good record of the id came. */
export function endQuarantine(data: ScopeData, externalId: string): void {
  const entry = data.quarantineById.get(externalId)
  if (!entry) return
  data.quarantineById.delete(externalId)
  data.quarantine.delete(entry)
}
