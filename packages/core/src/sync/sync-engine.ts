import { isSyncError, SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import { decideApproval, decideBegin } from './begin-run.ts'
import { listingEnded } from './checkpoint.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'
import { finishEarly, finishGuarded, finishSuccess } from './finish-run.ts'
import { listResources } from './list-resources.ts'
import { announce } from './progress.ts'
import { judgeRemoval } from './removal-guard.ts'
import type { RunJob } from './run-job.ts'
import { holdLease, leaseLost } from './run-lease.ts'
import { logRunAbandoned, logRunEnded, logRunStarted } from './run-log.ts'
import { createStageClock } from './stage-clock.ts'
import { retryStore } from './store-retry.ts'
import { sweepStale } from './sweep-stale.ts'
import { metUnreadableIds } from './unreadable-ids.ts'

/**
 * Runs a sync from start to end:
 * ```
 * begin ── listing ── close ── guard ─┬─ sweep ── purge ── success
 *   │         │                       └─ guarded
 *   │         └─ cancelled · timeout · partial · error
 *   └─ refused: throws, nothing was written
 * ```
 * Resolves with the run in its final status, whatever that is.
 */
export async function runSync(engine: EngineContext, job: RunJob): Promise<Run> {
  const run = await beginRun(engine, job)
  const ending = new AbortController()
  const stopWatching = forwardAbort(job.signal, ending)
  const lease = {
    ...scopeOf(run),
    runId: run.runId,
    fencingToken: run.fencingToken,
    leaseMs: engine.limits.leaseMs,
  }
  const execution: Execution = {
    job,
    run,
    held: holdLease(engine, lease, ending),
    stages: createStageClock(engine.clock, run.timings),
    beganAt: engine.clock.now(),
    checkpoint: run.checkpoint,
    stats: run.stats,
    totalEstimate: run.totalEstimate,
    pagesCommitted: 0,
    quarantined: { reasons: {}, examples: [] },
  }
  const { mode, generation, resumedFrom } = run
  logRunStarted(engine, run)
  announce(engine, execution, { kind: 'run.started', mode, generation, resumedFrom })
  try {
    return await carryOut(engine, execution)
  } catch (error) {
    return await endEarly(engine, execution, error)
  } finally {
    execution.held.release()
    // A page fetched ahead may still be on its way.
    ending.abort(new SyncError('STOPPED', 'The run has ended'))
    stopWatching()
  }
}

async function beginRun(engine: EngineContext, job: RunJob): Promise<Run> {
  const { plan, approval } = job
  const scope = { ...scopeOf(job.config), tenantId: job.definition.tenantId }
  let abandoned: Run | undefined
  const begun = await engine.store.runs.begin(scope, (state) => {
    const decision = approval
      ? decideApproval(state, { ...plan, approves: approval.run, approvedBy: approval.approvedBy })
      : decideBegin(state, plan)
    abandoned = decision.kind === 'start' && decision.abandonRunning ? state.running : undefined
    return decision
  })
  if (begun.kind === 'refused') throw begun.error
  if (abandoned) logRunAbandoned(engine, abandoned)
  return begun.run
}

async function carryOut(engine: EngineContext, execution: Execution): Promise<Run> {
  const { run, job, held } = execution
  if (execution.checkpoint.phase === 'sweeping') {
    await sweepStale(engine, execution)
    return finishSuccess(engine, execution, { complete: true, swept: true })
  }

  if (!listingEnded(execution.checkpoint)) await listResources(engine, execution)
  held.signal.throwIfAborted()
  const complete = !execution.checkpoint.capped
  // Absence is proof only after a complete listing of something that leaves nothing out.
  const full = run.mode === 'full' && complete && job.resource.coverage !== 'partial'
  const summary = await retryStore(engine, held.signal, () =>
    engine.store.resources.closeListing({ lease: held.lease, generation: run.generation, full }),
  )
  execution.stats = summary.stats
  if (!full) return finishSuccess(engine, execution, { complete, swept: false })

  const received = summary.stats.totalUpstreamRecords
  const { quarantined } = summary.stats
  const unreadable = await retryStore(engine, held.signal, () =>
    metUnreadableIds(engine.store, run, quarantined),
  )
  const guard = judgeRemoval({ ...summary, received, unreadable }, job.config.removalGuard)
  if (guard.tripped) return finishGuarded(engine, execution, guard)
  await sweepStale(engine, execution)
  return finishSuccess(engine, execution, { complete, swept: true, guard })
}

async function endEarly(engine: EngineContext, execution: Execution, error: unknown): Promise<Run> {
  const { held, run } = execution
  // The reason the run was told to end says more than what that broke.
  const reason: unknown = held.signal.aborted ? held.signal.reason : error
  if (isSyncError(reason, 'LEASE_LOST')) return takenOver(engine, execution)
  if (isSyncError(reason, 'STORE_UNAVAILABLE', 'STORE_FAILED', 'SCHEMA_OUTDATED')) {
    // What cannot be written cannot be ended either: the lease runs out and another run goes on from the checkpoint.
    engine.logger.error({ runId: run.runId, error: reason }, 'run left to its lease: the store failed')
    throw reason
  }
  try {
    return await finishEarly(engine, execution, reason)
  } catch (late) {
    if (isSyncError(late, 'LEASE_LOST')) return takenOver(engine, execution)
    throw late
  }
}

async function takenOver(engine: EngineContext, { held, run }: Execution): Promise<Run> {
  const now = await engine.store.runs.get(run.runId)
  if (now && now.status !== 'running') {
    logRunEnded(engine, now)
    return now
  }
  if (!now) throw removedMeanwhile(run)
  throw leaseLost(held.lease)
}

const removedMeanwhile = ({ connectorId, runId }: Run): SyncError =>
  new SyncError(
    'CONNECTOR_NOT_FOUND',
    `Connector "${connectorId}" was removed while run ${runId} was in progress, and the run with it`,
    { details: { connectorId, runId } },
  )

/** The host's own signal ends the run; its reason counts when it is one of our errors. */
function forwardAbort(signal: AbortSignal | undefined, ending: AbortController): () => void {
  if (!signal) return () => undefined
  const forward = (): void => {
    const reason: unknown = signal.reason
    ending.abort(isSyncError(reason) ? reason : new SyncError('RUN_CANCELLED', 'The host cancelled the run'))
  }
  if (signal.aborted) forward()
  signal.addEventListener('abort', forward, { once: true })
  return () => signal.removeEventListener('abort', forward)
}

const scopeOf = ({ connectorId, resourceType }: { connectorId: string; resourceType: string }) => ({
  connectorId,
  resourceType,
})
