import { SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { BeginDecision, NewRun, ScopeState } from '../ports/run-store.ts'
import { hasSchedule } from './memory-schedule-store.ts'
import { copyOf, type MemoryState, openOwnedScope, type ScopeData, type StoredRun } from './memory-state.ts'

type Begun =
  | { readonly kind: 'refused'; readonly error: SyncError }
  | { readonly kind: 'started'; readonly run: Run }

export const isRunning = ({ run }: StoredRun): boolean => run.status === 'running'

/** Compared in whole milliseconds, as everybody else sees it. */
export const isExpired = ({ run }: StoredRun, now: number): boolean =>
  run.leaseExpiresAt.getTime() <= Math.floor(now)

/** Reads the state, lets core decide and begins the run; nothing is written before all has been checked. */
export function beginRun(
  state: MemoryState,
  scope: Scope & { readonly tenantId: string },
  decide: (state: ScopeState) => BeginDecision,
): Begun {
  const data = openOwnedScope(state, scope)
  const now = state.now()
  const decision = decide(readState(state, { scope, data, now }))
  if (decision.kind === 'refuse') return { kind: 'refused', error: decision.error }
  const wanted = copyOf(decision.run)
  const running = data.runs.findLast(isRunning)
  const queued = queuedRun(state, scope, wanted.runId)
  if ((state.runs.has(wanted.runId) && !queued) || (running && !decision.abandonRunning)) {
    throw new SyncError('STORE_FAILED', 'A scope has one running run at most, and each run its own id')
  }
  if (running) abandon(running, wanted, now)
  const approved = wanted.approves && state.runs.get(wanted.approves.runId)
  if (approved && wanted.approves) {
    approved.run = { ...approved.run, approvedBy: wanted.approves.by, approvedAt: new Date(now) }
  }
  const stored = insert(data, { scope, wanted, now, queued })
  if (decision.plan) {
    data.plan = copyOf(decision.plan)
    data.planVersion += 1
  }
  // Once more, at the end: it is the newest now.
  state.runs.delete(wanted.runId)
  state.runs.set(wanted.runId, stored)
  return { kind: 'started', run: copyOf(stored.run) }
}

/** The queued run of a scope, or only when it has this id. */
export const queuedRun = (state: MemoryState, scope: Scope, runId?: string): StoredRun | undefined =>
  [...state.runs.values()].find(
    ({ run }) =>
      run.status === 'queued' &&
      run.connectorId === scope.connectorId &&
      run.resourceType === scope.resourceType &&
      (runId === undefined || run.runId === runId),
  )

function readState(
  state: MemoryState,
  { scope, data, now }: { scope: Scope & { tenantId: string }; data: ScopeData; now: number },
): ScopeState {
  const { tenantId } = scope
  const running = data.runs.findLast(isRunning)?.run
  const latest = data.runs.at(-1)?.run
  const newestFull = data.runs.findLast(({ run }) => run.mode === 'full')?.run
  const waits = newestFull?.status === 'guarded' && newestFull.approvedAt === undefined
  const ofTenant = [...state.runs.values()].filter(({ run }) => run.tenantId === tenantId)
  return copyOf({
    now: new Date(now),
    running,
    queued: queuedRun(state, scope)?.run,
    latest,
    guarded: waits ? newestFull : undefined,
    generation: data.generation,
    tenantRunning: ofTenant.filter((stored) => isRunning(stored) && !isExpired(stored, now)).length,
    lastStartedAt: latest?.startedAt,
    plan: hasSchedule(data) ? data.plan : undefined,
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
  {
    scope,
    wanted,
    now,
    queued,
  }: {
    scope: Scope & { tenantId: string }
    wanted: NewRun
    now: number
    queued: StoredRun | undefined
  },
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
    complete: false,
    cancelRequested: false,
    ...(queued && { queuedAt: queued.run.queuedAt, requested: queued.run.requested }),
  }
  const stored: StoredRun = { run, listingBeganAt }
  data.runs.push(stored)
  return stored
}
