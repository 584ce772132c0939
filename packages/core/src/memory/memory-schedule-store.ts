import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { Run } from '../model/run.ts'
import type { EndedRun, ScheduledScope } from '../model/schedule.ts'
import type { ScheduleStore } from '../ports/schedule-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { copyOf, type MemoryState, readScope, type ScopeData } from './memory-state.ts'

/** Plans, kept beside the settings they come from. */
export function memoryScheduleStore(state: MemoryState): ScheduleStore {
  return {
    async list({ scope, endedRuns }) {
      const scopes: ScheduledScope[] = []
      for (const { definition, scopes: ofConnector } of state.connectors.values()) {
        for (const [resourceType, data] of ofConnector) {
          const { connectorId } = definition
          if (scope && (scope.connectorId !== connectorId || scope.resourceType !== resourceType)) continue
          const scheduled = describe({ definition, resourceType, data, endedRuns })
          if (scheduled) scopes.push(copyOf(scheduled))
        }
      }
      return {
        now: new Date(state.now()),
        scopes: scopes.toSorted(
          (left, right) =>
            compareCodePoints(left.connectorId, right.connectorId) ||
            compareCodePoints(left.resourceType, right.resourceType),
        ),
      }
    },
    async plan({ scope, planVersion, plan }) {
      const data = readScope(state, scope)
      if (!data || !hasSchedule(data) || data.planVersion !== planVersion) return false
      data.plan = copyOf(plan)
      data.planVersion += 1
      return true
    },
  }
}

export const hasSchedule = ({ config }: ScopeData): boolean =>
  config?.enabled === true && config.cronSchedule !== undefined

function describe(entry: {
  readonly definition: ConnectorDefinition
  readonly resourceType: string
  readonly data: ScopeData
  readonly endedRuns: number
}): ScheduledScope | undefined {
  const { definition, resourceType, data } = entry
  const { cronSchedule, cronTimeZone } = data.config ?? {}
  if (definition.status !== 'active' || !hasSchedule(data) || cronSchedule === undefined) return undefined
  return {
    connectorId: definition.connectorId,
    resourceType,
    tenantId: definition.tenantId,
    cronSchedule,
    cronTimeZone,
    plan: data.plan,
    planVersion: data.planVersion,
    endedRuns: data.runs
      .flatMap(({ run }) => endedRun(run))
      .toReversed()
      .slice(0, entry.endedRuns),
  }
}

const endedRun = ({ runId, status, error, finishedAt }: Run): EndedRun[] =>
  finishedAt ? [copyOf({ runId, status, error, finishedAt })] : []
