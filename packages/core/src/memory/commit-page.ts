import type { PreparedRecord } from '../model/record.ts'
import type { SyncStats } from '../model/run.ts'
import type { PageCommit, PageResult } from '../ports/resource-store.ts'
import { fencedRun } from './fence.ts'
import { endQuarantine, quarantine } from './memory-quarantine-store.ts'
import {
  appendChange,
  copyOf,
  type MemoryState,
  openScope,
  type ScopeData,
  type SeenRecords,
} from './memory-state.ts'
import { planRecord, type RecordPlan } from './plan-page.ts'

/** Stores one page. Everything that can fail happens before the first change. @throws LEASE_LOST */
export function commitPage(state: MemoryState, request: PageCommit): PageResult {
  const stored = fencedRun(state, request.lease)
  const { run } = stored
  const { cancelRequested } = run
  if (run.checkpoint.pages >= request.pageNumber) {
    return { stats: copyOf(run.stats), repeated: true, cancelRequested, at: new Date(state.now()) }
  }
  const data = openScope(state, request.lease)
  const commit = withoutOvertaken(data, copyOf(request))
  const now = state.now()
  const { generation } = commit
  const plans = commit.records.map((record) => ({
    externalId: record.externalId,
    ...planRecord(data, record, { now, generation, createId: state.createId }),
  }))
  const keptIds = new Set(plans.map(({ externalId }) => externalId))
  // Kept before quarantined: a page may hold a bad and a good record of one id.
  const rejected = commit.rejected.filter(
    ({ externalId }) => externalId === undefined || !keptIds.has(externalId),
  )
  const seen = seenIn(data, generation)
  writePlans(data, plans, { commit, at: new Date(now) })
  for (const plan of plans) seen.kept.add(plan.resourceId)
  for (const entry of rejected) {
    const entryId = state.nextEntryId()
    quarantine(data, { ...entry, ...scopeAndPage(commit), entryId, quarantinedAt: new Date(now) })
    const row = entry.externalId === undefined ? undefined : data.rows.get(entry.externalId)
    if (row) seen.held.add(row.resourceId)
  }
  for (const externalId of commit.excluded) seen.excluded.add(externalId)
  const stats = statsAfter(run.stats, plans, { commit, quarantined: rejected.length })
  stored.run = {
    ...run,
    stats,
    checkpoint: commit.checkpoint,
    timings: commit.timings,
    ...(commit.totalEstimate !== undefined && { totalEstimate: commit.totalEstimate }),
    leaseExpiresAt: new Date(now + commit.lease.leaseMs),
  }
  return { stats: copyOf(stats), repeated: false, cancelRequested, at: new Date(now) }
}

/** The page, with what webhooks have said since it was asked for in place of what it says of those records. */
function withoutOvertaken(data: ScopeData, commit: PageCommit): PageCommit {
  const { askedAfter } = commit
  if (!askedAfter) return commit
  const records: PreparedRecord[] = []
  const excluded = [...commit.excluded]
  for (const record of commit.records) {
    const { externalId } = record
    const mark = data.marks.get(externalId)
    const row = data.rows.get(externalId)
    if (!mark || mark.at < askedAfter.getTime()) records.push(record)
    else if (!row || row.staleSince !== undefined) excluded.push(externalId)
    else records.push(row.hashEpoch === data.hashEpoch ? row : record)
  }
  return { ...commit, records, excluded }
}

const scopeAndPage = ({ lease, generation, pageNumber }: PageCommit) => ({
  connectorId: lease.connectorId,
  resourceType: lease.resourceType,
  runId: lease.runId,
  generation,
  pageNumber,
})

function seenIn(data: ScopeData, generation: number): SeenRecords {
  const found = data.seen.get(generation)
  if (found) return found
  const created = { kept: new Set<string>(), held: new Set<string>(), excluded: new Set<string>() }
  data.seen.set(generation, created)
  return created
}

function writePlans(
  data: ScopeData,
  plans: readonly (RecordPlan & { readonly externalId: string })[],
  { commit, at }: { readonly commit: PageCommit; readonly at: Date },
): void {
  const { connectorId, resourceType, runId } = commit.lease
  for (const { externalId, resourceId, row, change } of plans) {
    if (row) data.rows.set(externalId, row)
    if (change === 'created') data.sortedIds = undefined
    if (change) {
      appendChange(data, { connectorId, resourceType, externalId, kind: change, resourceId, runId, at })
    }
    endQuarantine(data, externalId)
  }
}

function statsAfter(
  before: SyncStats,
  plans: readonly RecordPlan[],
  { commit, quarantined }: { readonly commit: PageCommit; readonly quarantined: number },
): SyncStats {
  const counted = (counter: RecordPlan['counter']): number =>
    plans.filter((plan) => plan.counter === counter).length
  return {
    ...before,
    added: before.added + counted('added'),
    updated: before.updated + counted('updated'),
    unchanged: before.unchanged + counted('unchanged'),
    restored: before.restored + counted('restored'),
    excluded: before.excluded + commit.excluded.length,
    quarantined: before.quarantined + quarantined,
    pagesProcessed: before.pagesProcessed + 1,
    totalUpstreamRecords: before.totalUpstreamRecords + commit.received,
  }
}
