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
      else state.connectors.set(connector.connectorId, { definition, scopes: new Map(), requests: new Map() })
      return copyOf(definition)
    },
    async get(connectorId, { tenantId } = {}) {
      const definition = state.connectors.get(connectorId)?.definition
      if (!definition || (tenantId !== undefined && definition.tenantId !== tenantId)) return undefined
      return copyOf(definition)
    },
    async list({ tenantId }) {
      return [...state.connectors.values()]
        .map(({ definition }) => definition)
        .filter((definition) => tenantId === undefined || definition.tenantId === tenantId)
        .toSorted((left, right) => compareCodePoints(left.connectorId, right.connectorId))
        .map(copyOf)
    },
    async remove(connectorId) {
      for (const { run } of state.runs.values()) {
        if (run.connectorId === connectorId) state.runs.delete(run.runId)
      }
      return state.connectors.delete(connectorId)
    },
  }
}
