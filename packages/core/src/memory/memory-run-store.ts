import type { Run } from '../model/run.ts'
import type { FinishRun, RunFilter, RunOwner, RunStore } from '../ports/run-store.ts'
import { beginRun, isExpired, isRunning } from './begin-run.ts'
import { leaseLost } from './fence.ts'
import { copyOf, type MemoryState, openScope, type ScopeData, type StoredRun } from './memory-state.ts'
import { pruneRuns } from './prune-runs.ts'
import { endQueued, enqueueRun } from './queued-runs.ts'

/** Runs, leases and checkpoints. Single-threaded JavaScript makes each method exclusive. */
export function memoryRunStore(state: MemoryState): RunStore {
  return {
    begin: async (scope, decide) => beginRun(state, scope, decide),
    async renew(lease) {
      const stored = state.runs.get(lease.runId)
      const held = stored?.run.status === 'running' && stored.run.fencingToken === lease.fencingToken
      if (held) stored.run = { ...stored.run, leaseExpiresAt: new Date(state.now() + lease.leaseMs) }
      return { held, cancelRequested: stored?.run.cancelRequested ?? false }
    },
    async finish(request) {
      const { lease, status } = request
      const stored = state.runs.get(lease.runId)
      if (!stored || stored.run.fencingToken !== lease.fencingToken) throw leaseLost(lease)
      if (stored.run.status === 'running') end(openScope(state, lease), stored, { request, now: state.now() })
      else if (stored.run.status !== status) throw leaseLost(lease)
      return copyOf(stored.run)
    },
    enqueue: async (run) => enqueueRun(state, run),
    refuse: async ({ runId, error }) => endQueued(state, runId, { status: 'error', error }),
    prune: async (request) => pruneRuns(state, request),
    async requestCancel(runId, owner) {
      const stored = runOf(state, runId, owner)
      if (!stored) return false
      if (endQueued(state, runId, { status: 'cancelled' })) return true
      if (stored.run.status !== 'running') return false
      stored.run = { ...stored.run, cancelRequested: true }
      return true
    },
    async get(runId, owner) {
      const stored = runOf(state, runId, owner)
      return stored && copyOf(stored.run)
    },
    async list({ before, limit, offset = 0, ...filter }) {
      if (before !== undefined && !runOf(state, before, filter)) return []
      const newestFirst = [...state.runs.values()].map(({ run }) => run).toReversed()
      const start = before === undefined ? 0 : newestFirst.findIndex(({ runId }) => runId === before) + 1
      return newestFirst
        .slice(start)
        .filter((run) => isMeant(run, filter))
        .slice(offset, offset + limit)
        .map(copyOf)
    },
    async count(filter) {
      return [...state.runs.values()].filter(({ run }) => isMeant(run, filter)).length
    },
    async abandoned(limit) {
      const now = state.now()
      return [...state.runs.values()]
        .filter((stored) => isRunning(stored) && isExpired(stored, now))
        .slice(0, limit)
        .map(({ run }) => copyOf(run))
    },
  }
}

/** The run of this id, unless it is another owner's. */
function runOf(state: MemoryState, runId: string, owner: RunOwner = {}): StoredRun | undefined {
  const stored = state.runs.get(runId)
  return stored && isOwned(stored.run, owner) ? stored : undefined
}

const isOwned = (run: Run, { connectorId, tenantId }: RunOwner): boolean =>
  (connectorId === undefined || run.connectorId === connectorId) &&
  (tenantId === undefined || run.tenantId === tenantId)

const isMeant = (run: Run, { resourceType, status, ...owner }: RunFilter): boolean =>
  isOwned(run, owner) &&
  (resourceType === undefined || run.resourceType === resourceType) &&
  (status === undefined || run.status === status)

function end(
  data: ScopeData,
  stored: StoredRun,
  { request, now }: { request: FinishRun; now: number },
): void {
  const { status, checkpoint, timings, durationMs, resumable, complete, error, guard } = copyOf(request)
  const { run } = stored
  stored.run = copyOf({
    ...run,
    status,
    checkpoint,
    timings,
    resumable,
    complete,
    error,
    guard,
    stats: { ...run.stats, durationMs },
    finishedAt: new Date(now),
  })
  if (request.watermark !== undefined && data.config) {
    data.config = { ...data.config, watermark: request.watermark }
  }
  if (request.confirmsScope) data.confirmedAt = Math.max(data.confirmedAt, stored.listingBeganAt)
  if (!request.forgetSeen) return
  for (const generation of data.seen.keys()) if (generation <= run.generation) data.seen.delete(generation)
}
