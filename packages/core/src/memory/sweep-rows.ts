import type { Checkpoint } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { GenerationScope, SweepBatch } from '../ports/resource-store.ts'
import type { Lease } from '../ports/run-store.ts'
import { unseenRows } from './close-listing.ts'
import { fencedRun } from './fence.ts'
import { syncedAt } from './find-rows.ts'
import {
  appendChange,
  copyOf,
  type MemoryState,
  openScope,
  readScope,
  type StoredRow,
} from './memory-state.ts'

/** Marks one batch of unseen rows stale. @throws LEASE_LOST */
export function markStale(
  state: MemoryState,
  request: GenerationScope & { readonly limit: number; readonly checkpoint: Checkpoint },
): SweepBatch {
  const { lease, generation, limit } = request
  const stored = fencedRun(state, lease)
  const { run } = stored
  const checkpoint = copyOf(request.checkpoint)
  const data = openScope(state, lease)
  const now = state.now()
  const { batch, done } = take(unseenRows(data, generation, stored), limit)
  for (const row of batch) {
    // Frozen: a later pass that confirms everything live does not confirm this one.
    data.rows.set(row.externalId, { ...row, syncedAt: syncedAt(data, row), staleSince: now })
    appendChange(data, { ...changeOf(lease, row), kind: 'staled', at: new Date(now) })
  }
  stored.run = { ...run, checkpoint, stats: { ...run.stats, staled: run.stats.staled + batch.length } }
  return { count: batch.length, done, cancelRequested: run.cancelRequested }
}

/** Removes one batch of rows whose retention has ended. @throws LEASE_LOST */
export function purgeStale(
  state: MemoryState,
  {
    lease,
    retentionMs,
    limit,
  }: { readonly lease: Lease; readonly retentionMs: number; readonly limit: number },
): SweepBatch {
  const stored = fencedRun(state, lease)
  const { run } = stored
  const { count, done } = purgeExpired(state, { scope: lease, runId: lease.runId, retentionMs, limit })
  stored.run = { ...run, stats: { ...run.stats, removed: run.stats.removed + count } }
  return { count, done, cancelRequested: run.cancelRequested }
}

/** The same without a run to count it. */
export function purgeExpired(
  state: MemoryState,
  request: {
    readonly scope: Scope
    readonly runId?: string | undefined
    readonly retentionMs: number
    readonly limit: number
  },
): Pick<SweepBatch, 'count' | 'done'> {
  const { scope, runId, retentionMs, limit } = request
  const data = readScope(state, scope)
  if (!data) return { count: 0, done: true }
  const now = state.now()
  const ended = [...data.rows.values()].filter(
    ({ staleSince }) => staleSince !== undefined && now - staleSince > retentionMs,
  )
  const { batch, done } = take(ended, limit)
  for (const row of batch) {
    data.rows.delete(row.externalId)
    const change = changeOf({ ...scope, runId }, row)
    appendChange(data, { ...change, kind: 'removed', at: new Date(now) })
  }
  if (batch.length > 0) data.sortedIds = undefined
  return { count: batch.length, done }
}

const changeOf = (
  { connectorId, resourceType, runId }: Scope & { readonly runId?: string | undefined },
  { externalId, resourceId }: StoredRow,
) => ({
  connectorId,
  resourceType,
  externalId,
  resourceId,
  ...(runId !== undefined && { runId }),
})

/** The first rows, and whether they were all. */
function take(rows: Iterable<StoredRow>, limit: number): { batch: readonly StoredRow[]; done: boolean } {
  const batch: StoredRow[] = []
  for (const row of rows) {
    if (batch.length >= limit) return { batch, done: false }
    batch.push(row)
  }
  return { batch, done: true }
}
