import { isSyncError, SyncError } from '../errors.ts'
import type { GuardVerdict, Run, RunStatus } from '../model/run.ts'
import type { FinishRun } from '../ports/run-store.ts'
import { isTransient } from './classify-error.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'
import { announce } from './progress.ts'
import { logRunEnded, reportQuarantine } from './run-log.ts'
import { retryStore } from './store-retry.ts'

type Ending = Pick<FinishRun, 'status' | 'resumable' | 'complete' | 'confirmsScope' | 'forgetSeen'> &
  Partial<Pick<FinishRun, 'error' | 'guard' | 'watermark'>> & {
    /** What ended the run early, for the log. */
    readonly thrown?: unknown
  }

/** The listing ended and everything it implies is done. */
export function finishSuccess(
  engine: EngineContext,
  execution: Execution,
  outcome: { readonly complete: boolean; readonly swept: boolean; readonly guard?: GuardVerdict | undefined },
): Promise<Run> {
  const { run } = execution
  execution.checkpoint = { ...execution.checkpoint, phase: 'done' }
  return finish(engine, execution, {
    status: 'success',
    resumable: false,
    complete: outcome.complete,
    guard: outcome.guard,
    watermark: outcome.complete ? execution.checkpoint.nextWatermark : undefined,
    confirmsScope: outcome.swept,
    // What an incremental run saw matters to a guarded run that still waits; the next run tidies up.
    forgetSeen: run.mode === 'full',
  })
}

/** The listing ended, but marking what it did not see would remove too much. */
export function finishGuarded(
  engine: EngineContext,
  execution: Execution,
  guard: GuardVerdict,
): Promise<Run> {
  announce(engine, execution, { kind: 'run.guarded', guard })
  const { excluded } = execution.stats
  return finish(engine, execution, {
    status: 'guarded',
    resumable: false,
    complete: true,
    guard,
    confirmsScope: false,
    forgetSeen: false,
    error: {
      code: 'REMOVAL_GUARDED',
      message: `${whatIsMissing(guard, execution)}${whyGuarded(guard)}; approve the run or let the next one decide`,
      ...(excluded > 0 && { details: { excluded } }),
    },
  })
}

/** What a filter of the host's own leaves out was listed all the same. */
function whatIsMissing({ live, unseen }: GuardVerdict, { stats, job }: Execution): string {
  const missing = `${unseen} of ${live} live resources`
  if (stats.excluded === 0) return `${missing} were not listed`
  const rules = Object.keys(job.config.filterRules ?? {}).join(', ')
  return `${missing} were not listed, or were listed and excluded by the filter rules (${rules}), which left out ${stats.excluded} records`
}

function whyGuarded({ reason, limit }: GuardVerdict): string {
  if (reason === 'unreadable_ids') return ', but records without a readable id were, and may be those'
  return reason === 'nothing_seen'
    ? ': the listing was empty'
    : `, more than the ${limit} a run may mark stale unasked`
}

/** Something ended the run early. Whether the next run goes on from here depends on what it was. */
export function finishEarly(engine: EngineContext, execution: Execution, thrown: unknown): Promise<Run> {
  const error = isSyncError(thrown) ? thrown : internal(thrown)
  const { details } = error
  return finish(engine, execution, {
    thrown: error,
    status: statusOf(error),
    resumable: isResumable(error, execution),
    complete: false,
    confirmsScope: false,
    forgetSeen: false,
    error: engine.redactor.runError({
      code: error.code,
      message: error.message,
      details: error.retryAfterMs === undefined ? details : { ...details, retryAfterMs: error.retryAfterMs },
    }),
  })
}

/** What connectors throw has a code by now. */
const internal = (thrown: unknown): SyncError =>
  new SyncError('INTERNAL', `Unexpected: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
    cause: thrown,
  })

function statusOf(error: SyncError): Exclude<RunStatus, 'queued' | 'running'> {
  if (isSyncError(error, 'RUN_CANCELLED')) return 'cancelled'
  if (isSyncError(error, 'RUN_TIMEOUT')) return 'timeout'
  // Not failures: upstream or the host asked for a pause.
  if (isSyncError(error, 'RATE_LIMITED', 'RUN_LIMIT_REACHED', 'STOPPED')) return 'partial'
  return 'error'
}

function isResumable(error: SyncError, execution: Execution): boolean {
  if (isSyncError(error, 'CURSOR_REPEATED', 'DELTA_EXPIRED', 'PAGES_REPEATED', 'TOO_MANY_EMPTY_PAGES'))
    return false
  if (isTransient(error) || statusOf(error) !== 'error') return true
  // A person mends it, not another place to begin at.
  if (isSyncError(error, 'CREDENTIAL_NOT_FOUND', 'CREDENTIAL_REAUTH_REQUIRED', 'CREDENTIAL_UNREADABLE'))
    return true
  // Resuming at a page that upstream refuses would fail for ever.
  return execution.pagesCommitted > 0
}

async function finish(
  engine: EngineContext,
  execution: Execution,
  { thrown, ...ending }: Ending,
): Promise<Run> {
  const { held, run, stages } = execution
  const elapsedMs = engine.clock.now().getTime() - execution.beganAt.getTime()
  const request: FinishRun = {
    lease: held.lease,
    checkpoint: execution.checkpoint,
    timings: stages.timings,
    durationMs: run.stats.durationMs + elapsedMs,
    ...ending,
  }
  // Not by the run's signal: ending a cancelled run must not be cancelled.
  const finished = await retryStore(engine, engine.gaveUp, () => engine.store.runs.finish(request))
  const { status, stats, error } = finished
  reportQuarantine(engine, execution)
  logRunEnded(engine, finished, thrown)
  announce(engine, execution, { kind: 'run.finished', status, stats, error })
  return finished
}
