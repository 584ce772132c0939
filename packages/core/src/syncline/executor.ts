import type { Run } from '../model/run.ts'
import { fairSlots } from '../scheduling/fair-slots.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { runSync } from '../sync/sync-engine.ts'
import type { ActiveWork } from './active-work.ts'
import { type HandleContext, requireConnector } from './connectors.ts'
import { type PreparedJob, prepareJob } from './prepare-job.ts'
import type { RunRequest } from './run-request.ts'
import { shieldEngine } from './shield-engine.ts'

/** Carries out the runs of one process. */
export interface Executor {
  /** One run. */
  readonly execute: (request: RunRequest) => Promise<Run>
  /** The same, with another, full run after one that upstream could not go on with. */
  readonly executeFully: (request: RunRequest) => Promise<Run>
}

export interface ExecutorOptions {
  readonly engine: EngineContext
  readonly context: HandleContext
  readonly stopping: AbortSignal
  readonly active: ActiveWork
  /** Follows the last run of a request, and never changes what came of it. */
  readonly afterwards: (run: Run) => Promise<Run>
}

export function createExecutor(options: ExecutorOptions): Executor {
  const { engine, context, stopping, active, afterwards } = options
  const { store, limits } = engine
  const slots = fairSlots(limits.maxConcurrentRuns)

  const carryOut = async (run: RunRequest): Promise<Run> => {
    const { request, queuedRunId } = run
    const owner = { tenantId: run.tenantId }
    const { tenantId } = await requireConnector(store, request.connectorId, owner)
    return slots(tenantId, async () => {
      stopping.throwIfAborted()
      const signal = request.signal ? AbortSignal.any([stopping, request.signal]) : stopping
      const runId = queuedRunId ?? engine.createRunId()
      const prepared = await prepareJob(context, { ...run, request: { ...request, signal }, limits, runId })
      const ended = await runPrepared(engine, prepared)
      await forgetChanged(context, ended)
      // What the run came to decides when its scope is due next.
      await context.plan(request)
      return ended
    })
  }
  const carryOutFully = async (given: RunRequest): Promise<Run> => {
    const run = await carryOut(given)
    // Upstream no longer knows the changes since the watermark or the cursor: one full listing repairs both.
    return run.error?.code === 'DELTA_EXPIRED'
      ? carryOut({ tenantId: run.tenantId, request: { ...given.request, mode: 'full', restart: true } })
      : run
  }
  return {
    execute: (run) => active.track(carryOut(run).then(afterwards)),
    executeFully: (run) => active.track(carryOutFully(run).then(afterwards)),
  }
}

/** Look-ups must not answer what the run has found to be different. */
async function forgetChanged(
  { cache }: HandleContext,
  { connectorId, resourceType, stats }: Run,
): Promise<void> {
  const { added, updated, restored, staled, removed } = stats
  if (added + updated + restored + staled + removed === 0) return
  await cache.invalidate({ connectorId, resourceType })
}

/** @throws what a refused run throws, without the secrets of its credential */
async function runPrepared(engine: EngineContext, { job, close }: PreparedJob): Promise<Run> {
  try {
    return await runSync(shieldEngine(engine, job.redactor), job)
  } catch (error) {
    throw job.redactor.thrown(error)
  } finally {
    close()
  }
}
