import type { JsonObject } from '../model/json.ts'
import type { Run } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { NewJob } from '../ports/queue.ts'

/** Where runs are worked off. */
export const syncQueue = 'syncline-sync'
/** Where old things are removed. */
export const upkeepQueue = 'syncline-upkeep'
export const retentionScheduleId = 'syncline-retention'
export const scopePrefix = 'cr-sync-'

/** Manual runs go first; after them scheduled ones, the first of every tenant before the second of any. */
const firstScheduledPriority = 1_000

/**
 * `cr-sync-{connectorId}-{resourceType}`, of schedule and job alike. A hyphen in the type is written `%2D`: `a-b` of
 * `c` and `b` of `c-a` are two scopes.
 */
export const scopeJobId = ({ connectorId, resourceType }: Scope): string =>
  `${scopePrefix}${connectorId}-${resourceType.replaceAll('-', '%2D')}`

/** Asks a worker to look whether a scope is due. It is tried again by plan of the store, not of the queue. */
export function scopeJob(scope: Scope & { readonly tenantId: string }, turn: number): NewJob {
  const { connectorId, resourceType, tenantId } = scope
  return {
    queue: syncQueue,
    key: scopeJobId({ connectorId, resourceType }),
    payload: { connectorId, resourceType, tenantId },
    priority: firstScheduledPriority + turn,
    retryDelaysMs: [],
  }
}

/** Asks a worker to begin a queued run. */
export const runJob = ({ runId, tenantId }: Pick<Run, 'runId' | 'tenantId'>, turn: number): NewJob => ({
  queue: syncQueue,
  key: `run-${runId}`,
  payload: { runId, tenantId },
  priority: Math.min(turn, firstScheduledPriority - 1),
  retryDelaysMs: [],
})

export const retentionJob: NewJob = { queue: upkeepQueue, key: retentionScheduleId, payload: {} }

/** What a job of the sync queue is about; undefined when it is none of ours. */
export function jobSubject(payload: JsonObject): { readonly runId: string } | Scope | undefined {
  const { runId, connectorId, resourceType } = payload
  if (typeof runId === 'string') return { runId }
  return typeof connectorId === 'string' && typeof resourceType === 'string'
    ? { connectorId, resourceType }
    : undefined
}
