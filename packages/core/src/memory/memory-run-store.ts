import { SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { FinishRun, NewRun, RunStore, ScopeState } from '../ports/run-store.ts'
import { leaseLost } from './fence.ts'
import { copyOf, type MemoryState, openScope, type ScopeData, type StoredRun } from './memory-state.ts'

const isRunning = ({ run }: StoredRun): boolean => run.status === 'running'
/** Compared in whole milliseconds, as everybody else sees it. */
const isExpired = ({ run }: StoredRun, now: number): boolean =>
  run.leaseExpiresAt.getTime() <= Math.floor(now)

/** Runs, leases and checkpoints. Single-threaded JavaScript makes each method exclusive. */
export function memoryRunStore(state: MemoryState): RunStore {
  return {
    async begin(scope, decide) {
      const data = openScope(state, scope)
      const now = state.now()
      const decision = decide(readState(state, { data, tenantId: scope.tenantId, now }))
      if (decision.kind === 'refuse') return { kind: 'refused', error: decision.error }
      const wanted = copyOf(decision.run)
      const running = data.runs.findLast(isRunning)
      if (state.runs.has(wanted.runId) || (running && !decision.abandonRunning)) {
        throw new SyncError('STORE_FAILED', 'A scope has one running run at most, and each run its own id')
      }
      if (running) abandon(running, wanted, now)
      const approved = wanted.approves && state.runs.get(wanted.approves.runId)
      if (approved && wanted.approves) {
        approved.run = { ...approved.run, approvedBy: wanted.approves.by, approvedAt: new Date(now) }
      }
      const stored = insert(data, { scope, wanted, now })
      state.runs.set(wanted.runId, stored)
      return { kind: 'started', run: copyOf(stored.run) }
    },
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
    async requestCancel(runId) {
      const stored = state.runs.get(runId)
      if (stored?.run.status !== 'running') return false
      stored.run = { ...stored.run, cancelRequested: true }
      return true
    },
    async get(runId) {
      const stored = state.runs.get(runId)
      return stored && copyOf(stored.run)
    },
    async list({ connectorId, resourceType, status, before, limit }) {
      const newestFirst = [...state.runs.values()].map(({ run }) => run).reverse()
      const start = before === undefined ? 0 : newestFirst.findIndex(({ runId }) => runId === before) + 1
      if (before !== undefined && start === 0) return []
      return newestFirst
        .slice(start)
        .filter((run) => connectorId === undefined || run.connectorId === connectorId)
        .filter((run) => resourceType === undefined || run.resourceType === resourceType)
        .filter((run) => status === undefined || run.status === status)
        .slice(0, limit)
        .map(copyOf)
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

function readState(
  state: MemoryState,
  { data, tenantId, now }: { data: ScopeData; tenantId: string; now: number },
): ScopeState {
  const running = data.runs.findLast(isRunning)?.run
  const latest = data.runs.at(-1)?.run
  const newestFull = data.runs.findLast(({ run }) => run.mode === 'full')?.run
  const waits = newestFull?.status === 'guarded' && newestFull.approvedAt === undefined
  const ofTenant = [...state.runs.values()].filter(({ run }) => run.tenantId === tenantId)
  return copyOf({
    now: new Date(now),
    running,
    latest,
    guarded: waits ? newestFull : undefined,
    generation: data.generation,
    tenantRunning: ofTenant.filter((stored) => isRunning(stored) && !isExpired(stored, now)).length,
    lastStartedAt: latest?.startedAt,
  })
}

function abandon(stored: StoredRun, successor: NewRun, now: number): void {
  const { run } = stored
  stored.run = {
    ...run,
    status: 'error',
    finishedAt: new Date(now),
    resumable: successor.resumedFrom === run.runId,
    error: { code: 'RUN_ABANDONED', message: `The process of run ${run.runId} stopped renewing its lease` },
  }
}

function insert(
  data: ScopeData,
  { scope, wanted, now }: { scope: Scope & { tenantId: string }; wanted: NewRun; now: number },
): StoredRun {
  const { leaseMs, approves, hashRecipe, forgetSeenBefore, generationStartedAt, ...kept } = wanted
  const sameListing = data.runs.findLast(({ run }) => run.generation === wanted.generation)
  const listingBeganAt =
    generationStartedAt === undefined ? now : (sameListing?.listingBeganAt ?? generationStartedAt.getTime())
  data.fencingToken += 1
  data.generation = Math.max(data.generation, wanted.generation)
  if (data.hashRecipe !== hashRecipe) data.hashEpoch += 1
  data.hashRecipe = hashRecipe
  for (const generation of data.seen.keys()) if (generation < forgetSeenBefore) data.seen.delete(generation)
  const run: Run = {
    ...kept,
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    tenantId: scope.tenantId,
    status: 'running',
    generationStartedAt: generationStartedAt ?? new Date(now),
    fencingToken: data.fencingToken,
    startedAt: new Date(now),
    leaseExpiresAt: new Date(now + leaseMs),
    resumable: false,
    ...(approves && { approves: approves.runId }),
    cancelRequested: false,
  }
  const stored: StoredRun = { run, listingBeganAt }
  data.runs.push(stored)
  return stored
}

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
