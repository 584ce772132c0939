import type { ConnectorStore } from '../ports/connector-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf, type MemoryState } from './memory-state.ts'

/** Connectors as a Map. */
export function memoryConnectorStore(state: MemoryState): ConnectorStore {
  return {
    async save(connector) {
      const existing = state.connectors.get(connector.connectorId)
      const updatedAt = new Date(state.now())
      const createdAt = existing?.definition.createdAt ?? updatedAt
      const definition = copyOf({ ...connector, createdAt, updatedAt })
      if (existing) existing.definition = definition
      else state.connectors.set(connector.connectorId, { definition, scopes: new Map() })
      return copyOf(definition)
    },
    async get(connectorId) {
      const definition = state.connectors.get(connectorId)?.definition
      return definition && copyOf(definition)
    },
    async list({ tenantId }) {
      return [...state.connectors.values()]
        .map(({ definition }) => definition)
        .filter((definition) => tenantId === undefined || definition.tenantId === tenantId)
        .toSorted((left, right) => compareCodePoints(left.connectorId, right.connectorId))
        .map(copyOf)
    },
    async remove(connectorId) {
      const connector = state.connectors.get(connectorId)
      if (!connector) return false
      for (const { runs } of connector.scopes.values()) {
        for (const { run } of runs) state.runs.delete(run.runId)
      }
      return state.connectors.delete(connectorId)
    },
  }
}
