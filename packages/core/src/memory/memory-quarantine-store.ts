import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { QuarantineQuery, QuarantineStore } from '../ports/quarantine-store.ts'
import { copyOf, type MemoryState, type ScopeData } from './memory-state.ts'

/** Reads what pages put into quarantine. */
export function memoryQuarantineStore(state: MemoryState): QuarantineStore {
  return {
    async list({ scope, limit, offset = 0, before = Number.POSITIVE_INFINITY }) {
      return entriesOf(state, scope)
        .filter(({ entryId }) => entryId < before)
        .toSorted((left, right) => right.entryId - left.entryId)
        .slice(offset, offset + limit)
        .map(copyOf)
    },
    async count(scope) {
      return entriesOf(state, scope).length
    },
  }
}

function entriesOf(state: MemoryState, { connectorId, resourceType }: QuarantineQuery): QuarantinedRecord[] {
  const scopes = state.connectors.get(connectorId)?.scopes ?? new Map<string, ScopeData>()
  return [...scopes]
    .filter(([name]) => resourceType === undefined || name === resourceType)
    .flatMap(([, { quarantine: entries }]) => [...entries])
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
