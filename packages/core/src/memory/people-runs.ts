import { SyncError } from '../errors.ts'
import { noPostSyncStats, type PostSyncRun } from '../model/post-sync-run.ts'
import type { Scope } from '../model/scope.ts'
import type { FinishPostSync, PeopleStore, PostSyncLease } from '../ports/people-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import {
  copyOf,
  lastPosition,
  type MemoryState,
  openScope,
  readScope,
  requireConnectorData,
  type ScopeData,
} from './memory-state.ts'
import { recordJobs } from './people-journal.ts'
import type { StoredPostSync } from './people-state.ts'

type Begin = PeopleStore['begin']

/** @throws CONNECTOR_NOT_FOUND */
export function beginPostSync(
  state: MemoryState,
  { scope, runId, planId, leaseMs }: Parameters<Begin>[0],
): Awaited<ReturnType<Begin>> {
  const data = openScope(state, scope)
  const { people } = data
  const now = state.now()
  const latest = people.runs.at(-1)
  if (latest?.run.status === 'running') {
    if (latest.leaseExpiresAt > now) return { kind: 'running', runId: latest.run.runId }
    latest.run = abandoned(latest.run, new Date(now))
  }
  people.fencingToken += 1
  const run: PostSyncRun = copyOf({
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    runId,
    status: 'running',
    attempt: latest?.run.status === 'error' ? latest.run.attempt + 1 : 1,
    planId,
    fencingToken: people.fencingToken,
    toPosition: lastPosition(data),
    stats: noPostSyncStats,
    startedAt: new Date(now),
  })
  people.runs.push({ run, leaseExpiresAt: now + leaseMs })
  return {
    kind: 'started',
    run: copyOf(run),
    triggeredTo: people.triggeredTo,
    tenantId: requireConnectorData(state, scope.connectorId).definition.tenantId,
  }
}

const abandoned = (run: PostSyncRun, finishedAt: Date): PostSyncRun => ({
  ...run,
  status: 'error',
  finishedAt,
  error: { code: 'RUN_ABANDONED', message: 'Its process died; the next post-sync goes on' },
})

/** The running run that a write belongs to. @throws LEASE_LOST */
export function fencedPostSync(data: ScopeData | undefined, lease: PostSyncLease): StoredPostSync {
  const latest = data?.people.runs.at(-1)
  const { runId, status, fencingToken } = latest?.run ?? {}
  if (!latest || runId !== lease.runId || status !== 'running' || fencingToken !== lease.fencingToken) {
    throw new SyncError(
      'LEASE_LOST',
      `Post-sync ${lease.runId} no longer is the running one of its scope; it must stop`,
      { details: { runId: lease.runId } },
    )
  }
  return latest
}

export function renewPostSync(state: MemoryState, lease: PostSyncLease): boolean {
  const latest = readScope(state, lease)?.people.runs.at(-1)
  if (latest?.run.runId !== lease.runId || latest.run.status !== 'running') return false
  latest.leaseExpiresAt = state.now() + lease.leaseMs
  return true
}

/** @throws LEASE_LOST */
export function finishPostSync(state: MemoryState, request: FinishPostSync): PostSyncRun {
  const { lease, status, retryAfterMs, jobs, stats, guard, error } = copyOf(request)
  const data = readScope(state, lease)
  const before = data?.people.runs.find(({ run }) => run.runId === lease.runId)?.run
  if (before?.status === status) return copyOf(before)
  const stored = fencedPostSync(data, lease)
  const now = state.now()
  recordJobs(state, jobs)
  stored.run = copyOf({
    ...stored.run,
    status,
    stats,
    guard,
    error,
    finishedAt: new Date(now),
    retryAt: retryAfterMs === undefined ? undefined : new Date(now + retryAfterMs),
  })
  if (data && status !== 'error') {
    data.people.processedTo = Math.max(data.people.processedTo, stored.run.toPosition)
  }
  return copyOf(stored.run)
}

export function dueScopes(
  state: MemoryState,
  { resourceTypes, limit }: { readonly resourceTypes: readonly string[]; readonly limit: number },
): readonly Scope[] {
  const now = state.now()
  const due: Scope[] = []
  for (const [connectorId, { scopes }] of state.connectors) {
    for (const [resourceType, data] of scopes) {
      if (resourceTypes.includes(resourceType) && isDue(data, now)) due.push({ connectorId, resourceType })
    }
  }
  return due
    .toSorted(
      (left, right) =>
        compareCodePoints(left.connectorId, right.connectorId) ||
        compareCodePoints(left.resourceType, right.resourceType),
    )
    .slice(0, limit)
}

function isDue(data: ScopeData, now: number): boolean {
  const { people, runs } = data
  const latest = people.runs.at(-1)
  const ended = latest?.run.status === 'error' || latest?.run.status === 'running'
  const failed = ended && latest.run.planId === undefined
  if (!failed && lastPosition(data) <= people.processedTo) return false
  if (latest?.run.status === 'running' && latest.leaseExpiresAt > now) return false
  if ((latest?.run.retryAt?.getTime() ?? 0) > now) return false
  return !runs.some(({ run }) => run.status === 'running' && run.leaseExpiresAt.getTime() > now)
}
