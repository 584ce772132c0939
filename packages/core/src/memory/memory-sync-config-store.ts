import type { SyncConfig } from '../model/sync-config.ts'
import type { SyncConfigStore } from '../ports/sync-config-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf, type MemoryState, openScope, readScope } from './memory-state.ts'

/** Settings, kept beside what they are about. */
export function memorySyncConfigStore(state: MemoryState): SyncConfigStore {
  return {
    async save({ config, resetWatermark }) {
      const data = openScope(state, config)
      const existing = data.config
      const updatedAt = new Date(state.now())
      const createdAt = existing?.createdAt ?? updatedAt
      const watermark = resetWatermark ? undefined : existing?.watermark
      data.config = copyOf({ ...config, watermark, createdAt, updatedAt })
      return copyOf(data.config)
    },
    async get(scope) {
      const config = readScope(state, scope)?.config
      return config && copyOf(config)
    },
    async list({ connectorId }) {
      const configs: SyncConfig[] = []
      for (const [id, { scopes }] of state.connectors) {
        if (connectorId !== undefined && id !== connectorId) continue
        for (const { config } of scopes.values()) if (config) configs.push(copyOf(config))
      }
      return configs.toSorted(
        (left, right) =>
          compareCodePoints(left.connectorId, right.connectorId) ||
          compareCodePoints(left.resourceType, right.resourceType),
      )
    },
    async remove(scope) {
      const data = readScope(state, scope)
      if (!data?.config) return false
      data.config = undefined
      return true
    },
  }
}
