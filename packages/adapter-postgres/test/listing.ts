import type { Checkpoint, Lease, NewRun, PreparedRecord, Run, Scope, Store } from '@syncline/core'

export const staff: Scope = { connectorId: 'hr', resourceType: 'user' }

export const zeroStats = {
  added: 0,
  updated: 0,
  unchanged: 0,
  restored: 0,
  staled: 0,
  removed: 0,
  excluded: 0,
  quarantined: 0,
  durationMs: 0,
  pagesProcessed: 0,
  totalUpstreamRecords: 0,
}
export const zeroTimings = { fetchMs: 0, transformMs: 0, writeMs: 0, staleMs: 0, postSyncMs: 0 }

export const checkpoint = (pages: number, phase: Checkpoint['phase'] = 'listing'): Checkpoint => ({
  version: 1,
  phase,
  pages,
  emptyPages: 0,
  kept: 0,
  capped: false,
  nextWatermark: '2026-01-01T00:00:00.000Z',
  rules: 'rules',
})

export const record = (externalId: string, displayName = externalId): PreparedRecord => ({
  externalId,
  displayName,
  email: null,
  attributesJson: '{}',
  hash: displayName,
})

export const records = (count: number, from = 0): PreparedRecord[] =>
  Array.from({ length: count }, (_, index) => record(`user-${String(from + index).padStart(7, '0')}`))

export const saveConnector = (store: Store, connectorId = staff.connectorId, tenantId = 'tenant') =>
  store.connectors.save({
    connectorId,
    tenantId,
    type: 'scripted',
    name: connectorId,
    config: {},
    status: 'active',
  })

let runs = 0

/** Begins a full run, in a new generation unless told otherwise. */
export async function begin(
  store: Store,
  change: Partial<NewRun> = {},
  scope: Scope & { readonly tenantId: string } = { ...staff, tenantId: 'tenant' },
): Promise<Run> {
  const result = await store.runs.begin(scope, (state) => {
    runs += 1
    const generation = change.generation ?? state.generation + 1
    const run: NewRun = {
      runId: `run-${process.pid}-${runs}`,
      mode: 'full',
      generation,
      leaseMs: 60_000,
      checkpoint: checkpoint(0),
      stats: zeroStats,
      timings: zeroTimings,
      hashRecipe: 'recipe',
      forgetSeenBefore: generation,
      ...change,
    }
    return { kind: 'start', abandonRunning: true, run }
  })
  if (result.kind === 'refused') throw result.error
  return result.run
}

export const leaseOf = ({ connectorId, resourceType, runId, fencingToken }: Run): Lease => ({
  connectorId,
  resourceType,
  runId,
  fencingToken,
  leaseMs: 60_000,
})

export const commit = (
  store: Store,
  run: Run,
  page: { number: number; records: PreparedRecord[]; lease?: Lease },
) =>
  store.resources.commitPage({
    lease: page.lease ?? leaseOf(run),
    generation: run.generation,
    pageNumber: page.number,
    records: page.records,
    excluded: [],
    rejected: [],
    received: page.records.length,
    checkpoint: checkpoint(page.number),
    timings: zeroTimings,
  })

export async function sweep(store: Store, run: Run, limit = 5000): Promise<number> {
  for (let total = 0; ; ) {
    const request = { lease: leaseOf(run), generation: run.generation, limit }
    const batch = await store.resources.markStale({ ...request, checkpoint: checkpoint(1, 'sweeping') })
    total += batch.count
    if (batch.done) return total
  }
}

export const finish = (store: Store, run: Run): Promise<Run> =>
  store.runs.finish({
    lease: leaseOf(run),
    status: 'success',
    checkpoint: checkpoint(1, 'done'),
    timings: zeroTimings,
    durationMs: 5,
    resumable: false,
    complete: true,
    confirmsScope: true,
    forgetSeen: true,
  })

/** A complete full pass of one page. */
export async function fullPass(store: Store, kept: PreparedRecord[]): Promise<Run> {
  const run = await begin(store)
  await commit(store, run, { number: 1, records: kept })
  await store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full: true })
  await sweep(store, run)
  return finish(store, run)
}
