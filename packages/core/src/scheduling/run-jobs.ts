import { errorCodes, isSyncError, SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { ScheduledScope } from '../model/schedule.ts'
import type { Scope } from '../model/scope.ts'
import type { JobHandler, NotNow, RunningJob } from '../ports/queue.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { RunRequest } from '../syncline/run-request.ts'
import { afterRefusal } from './after-refusal.ts'
import { jobSubject } from './job-names.ts'
import { judgeRuns, runsToJudge } from './judge-runs.ts'
import { dueAt, planOnceBegun } from './next-plan.ts'
import { planScopes, writePlan } from './plan-scopes.ts'
import { requireGuarded } from './require-guarded.ts'
import { staggeredTick } from './staggered-tick.ts'

export interface RunJobs {
  readonly engine: EngineContext
  readonly execute: (request: RunRequest) => Promise<Run>
}

/** Runs the jobs of the sync queue. All of them bear repetition: what is left to do is asked of the store. */
export function runJobs(jobs: RunJobs): JobHandler {
  return async (job) => {
    const subject = jobSubject(job.payload)
    if (!subject) throw new SyncError('OPTIONS_INVALID', `Job ${job.jobId} names neither a run nor a scope`)
    try {
      return 'runId' in subject
        ? await beginQueuedRun(jobs, job, subject.runId)
        : await runDueScope(jobs, job, subject)
    } catch (error) {
      const next = afterRefusal(error)
      if (next.kind === 'refused') throw error
      return next.kind === 'later' ? { laterMs: next.laterMs } : undefined
    }
  }
}

/** A job that comes closer than this before its scope is due waits for it; an earlier one is added again in time. */
const nearMs = 120_000

async function runDueScope(jobs: RunJobs, job: RunningJob, scope: Scope): Promise<NotNow | undefined> {
  const { engine } = jobs
  const planned = await planScopes(engine, scope)
  const [found] = planned.scopes
  const due = found && dueAt(found.plan)
  if (!found || !due) return undefined
  const waitMs = due.getTime() - planned.now.getTime()
  if (waitMs > 0) return waitMs <= nearMs ? { laterMs: Math.ceil(waitMs) } : undefined
  const run = await executeDue(jobs, job, found)
  // Tried as often as the plan says: the job is kept for inspection, and runs again when it is redriven.
  const { error, runId } = run
  if (!error || !(await hasGivenUp(engine, scope, run))) return undefined
  const code = errorCodes.find((known) => known === error.code) ?? 'INTERNAL'
  throw new SyncError(code, error.message, { details: { runId } })
}

async function executeDue(
  { engine, execute }: RunJobs,
  job: RunningJob,
  scope: ScheduledScope,
): Promise<Run> {
  const { connectorId, resourceType } = scope
  try {
    return await execute({
      request: { connectorId, resourceType, signal: stopOf(job) },
      tenantId: scope.tenantId,
      takePlan: (plan, now) => planOnceBegun(scope, { plan, now }, engine.limits),
    })
  } catch (error) {
    if (afterRefusal(error).kind === 'refused') await skipTick(engine, scope, error)
    throw error
  }
}

/** A refusal that a person has to mend would be repeated every minute: it waits for the next tick, loudly. */
async function skipTick(
  engine: EngineContext,
  { connectorId, resourceType }: Scope,
  error: unknown,
): Promise<void> {
  const { store, limits, emit, clock, logger, redactor } = engine
  const { now, scopes } = await planScopes(engine, { connectorId, resourceType })
  const [scope] = scopes
  if (!scope) return
  const tickAt = staggeredTick(scope, now, limits.maxStaggerMs)
  const written = await writePlan(store, scope, { ...scope.plan, tickAt, retryAt: undefined })
  if (!written) return
  const message = error instanceof Error ? error.message : String(error)
  const code = isSyncError(error) ? error.code : 'INTERNAL'
  const runError = redactor.runError({ code, message })
  const { tenantId } = scope
  logger.warn({ tenantId, connectorId, resourceType, failures: 0, error: runError }, 'sync is failing')
  emit({
    kind: 'sync.failing',
    tenantId,
    connectorId,
    resourceType,
    failures: 0,
    error: runError,
    at: clock.now(),
  })
}

async function hasGivenUp({ store, limits }: EngineContext, scope: Scope, run: Run): Promise<boolean> {
  const { retryDelaysMs } = limits
  const { scopes } = await store.schedules.list({ scope, endedRuns: runsToJudge(retryDelaysMs) })
  const judgement = judgeRuns(scopes[0]?.endedRuns ?? [], retryDelaysMs)
  return judgement.kind === 'alert' && judgement.run.runId === run.runId
}

async function beginQueuedRun(
  { engine, execute }: RunJobs,
  job: RunningJob,
  runId: string,
): Promise<NotNow | undefined> {
  const { runs } = engine.store
  const run = await runs.get(runId)
  // It began, was cancelled, or went with its connector.
  if (run?.status !== 'queued') return undefined
  const { connectorId, resourceType, tenantId, requested = {} } = run
  const { approves, ...how } = requested
  try {
    await execute({
      request: { connectorId, resourceType, ...how, signal: stopOf(job) },
      tenantId,
      queuedRunId: runId,
      approval: approves && {
        run: await requireGuarded(runs, approves.runId, { connectorId }),
        approvedBy: approves.by,
      },
    })
  } catch (error) {
    if (afterRefusal(error).kind !== 'refused') throw error
    const message = error instanceof Error ? error.message : String(error)
    const code = isSyncError(error) ? error.code : 'INTERNAL'
    await runs.refuse({ runId, error: engine.redactor.runError({ code, message }) })
  }
  return undefined
}

/**
 * Ends the run when its worker stops. That the queue gave the job to another worker is no reason to: the run has a
 * lease of its own, and whoever comes second finds it running.
 */
function stopOf({ signal }: RunningJob): AbortSignal {
  const stop = new AbortController()
  const forward = (): void => {
    if (isSyncError(signal.reason, 'STOPPED')) stop.abort(signal.reason)
  }
  if (signal.aborted) forward()
  signal.addEventListener('abort', forward, { once: true })
  return stop.signal
}
