import { connectorNotOwned } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorOwner, ConnectorStore, ConnectorWrite } from '../ports/connector-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf, type MemoryState } from './memory-state.ts'
import { moveConnector } from './move-connector.ts'

/** Connectors as a Map. */
export function memoryConnectorStore(state: MemoryState): ConnectorStore {
  return {
    save: async (connector) => saveConnector(state, connector),
    async setStatus(connectorId, { tenantId, status }) {
      const kept = ownedBy(state, connectorId, { tenantId })
      if (!kept) return undefined
      kept.definition = { ...kept.definition, status, updatedAt: new Date(state.now()) }
      return copyOf(kept.definition)
    },
    async get(connectorId, owner) {
      const kept = ownedBy(state, connectorId, owner)
      return kept && copyOf(kept.definition)
    },
    async list({ tenantId }) {
      return [...state.connectors.values()]
        .map(({ definition }) => definition)
        .filter((definition) => tenantId === undefined || definition.tenantId === tenantId)
        .toSorted((left, right) => compareCodePoints(left.connectorId, right.connectorId))
        .map(copyOf)
    },
    move: async (move) => moveConnector(state, move),
    async remove(connectorId, owner) {
      const kept = ownedBy(state, connectorId, owner)
      if (!kept) return false
      for (const { run } of state.runs.values()) {
        if (run.connectorId === connectorId) state.runs.delete(run.runId)
      }
      state.formerOwners.set(connectorId, kept.definition.tenantId)
      return state.connectors.delete(connectorId)
    },
  }
}

function ownedBy(state: MemoryState, connectorId: string, { tenantId }: ConnectorOwner = {}) {
  const kept = state.connectors.get(connectorId)
  return kept && (tenantId === undefined || kept.definition.tenantId === tenantId) ? kept : undefined
}

/** @throws CONNECTOR_TENANT_MISMATCH */
function saveConnector(state: MemoryState, connector: ConnectorWrite): ConnectorDefinition {
  const { connectorId, tenantId } = connector
  const existing = state.connectors.get(connectorId)
  if (existing && existing.definition.tenantId !== tenantId) throw connectorNotOwned(connector)
  const definition = copyOf(merged(connector, existing?.definition, new Date(state.now())))
  if (existing) {
    existing.definition = definition
    return copyOf(definition)
  }
  const formerOwner = state.formerOwners.get(connectorId)
  if (formerOwner !== tenantId) state.messages.delete(connectorId)
  state.connectors.set(connectorId, { definition, scopes: new Map(), requests: new Map() })
  return copyOf(definition)
}

function merged(
  { connectorId, tenantId, type, ...given }: ConnectorWrite,
  existing: ConnectorDefinition | undefined,
  now: Date,
): ConnectorDefinition {
  const ofType = existing?.type === type ? existing : undefined
  const { credentialRef = ofType?.credentialRef ?? null } = given
  return {
    connectorId,
    tenantId,
    type,
    name: given.name ?? existing?.name ?? connectorId,
    config: given.config ?? ofType?.config ?? {},
    ...(credentialRef !== null && { credentialRef }),
    status: given.status ?? existing?.status ?? 'active',
    createdAt: existing?.createdAt ?? now,
    updatedAt: now,
  }
}
