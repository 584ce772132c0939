import { SyncError } from '../errors.ts'
import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { SyncConfigStore } from '../ports/sync-config-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { hasSchedule } from './memory-schedule-store.ts'
import { copyOf, type MemoryState, openScope, readScope, type ScopeData } from './memory-state.ts'

/** Settings, kept beside what they are about. */
export function memorySyncConfigStore(state: MemoryState): SyncConfigStore {
  return {
    async save({ config, resetWatermark, resetPlan = false, replaces }) {
      const data = openScope(state, config)
      const existing = data.config
      if (replaces !== undefined && (existing?.revision ?? null) !== replaces) throw configChanged(config)
      const now = state.now()
      const updatedAt = new Date(now)
      const createdAt = existing?.createdAt ?? updatedAt
      const watermark = resetWatermark ? undefined : existing?.watermark
      // Store time never stands still, so it never comes again.
      const revision = String(now)
      data.config = copyOf({ ...config, watermark, revision, createdAt, updatedAt })
      if (resetPlan) {
        data.plan = {}
        data.planVersion += 1
      }
      return shown(data, data.config)
    },
    async get(scope) {
      const data = readScope(state, scope)
      return data?.config && shown(data, data.config)
    },
    async list({ connectorId }) {
      const configs: SyncConfig[] = []
      for (const [id, { scopes }] of state.connectors) {
        if (connectorId !== undefined && id !== connectorId) continue
        for (const data of scopes.values()) if (data.config) configs.push(shown(data, data.config))
      }
      return configs.toSorted(
        (left, right) =>
          compareCodePoints(left.connectorId, right.connectorId) ||
          compareCodePoints(left.resourceType, right.resourceType),
      )
    },
    async remove(scope, revision) {
      const data = readScope(state, scope)
      if (!data?.config) return false
      if (revision !== undefined && data.config.revision !== revision) throw configChanged(scope)
      data.config = undefined
      data.plan = {}
      data.planVersion += 1
      return true
    },
  }
}

const configChanged = ({ connectorId, resourceType }: Scope): SyncError =>
  new SyncError(
    'PRECONDITION_FAILED',
    `The settings of ${resourceType} of ${connectorId} are not those it was decided on`,
  )

function shown(data: ScopeData, config: SyncConfig): SyncConfig {
  const { tickAt, retryAt } = data.plan
  const instants = [tickAt, retryAt].flatMap((at) => (at ? [at.getTime()] : []))
  const planned = hasSchedule(data) && instants.length > 0
  return copyOf({ ...config, nextRunAt: planned ? new Date(Math.min(...instants)) : undefined })
}
