import { SyncError } from '../errors.ts'
import type { RequestedRun, Run } from '../model/run.ts'
import type { Queue } from '../ports/queue.ts'
import { runJob } from '../scheduling/job-names.ts'
import { firstCheckpoint, zeroStats, zeroTimings } from '../sync/checkpoint.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { HandleContext } from './connectors.ts'
import { checkRequest, loadScope } from './prepare-job.ts'
import type { SyncRequest } from './syncline.ts'

export interface QueueParts {
  readonly engine: EngineContext
  readonly context: HandleContext
  readonly queue: Queue
}

/** A run to queue; one that has its id already is wanted again. */
export type WantedRun = SyncRequest & { readonly runId?: string | undefined }

/** Queues a run. It is in the store before its job is in the queue, so a lost job only delays it. */
export async function queueRun(
  { engine, context, queue }: QueueParts,
  request: WantedRun,
  requested: RequestedRun,
): Promise<Run> {
  const before = await queuedBefore(engine, request)
  if (before) return before
  const run = await enqueue(engine, context, { request, requested })
  try {
    await queue.add(runJob(run, await runsAhead(engine, run)))
  } catch (error) {
    engine.logger.warn({ runId: run.runId, error }, 'the queue did not answer; the run begins once it does')
  }
  return run
}

async function enqueue(
  engine: EngineContext,
  context: HandleContext,
  { request, requested }: { readonly request: WantedRun; readonly requested: RequestedRun },
): Promise<Run> {
  const { store, clock } = engine
  const { connectorId, resourceType, mode } = request
  const loaded = await loadScope(context, { connectorId, resourceType })
  checkRequest(loaded, request)
  const [running] = await store.runs.list({ connectorId, resourceType, status: 'running', limit: 1 })
  if (running && running.leaseExpiresAt > clock.now()) {
    if (isWanted(request, running)) return running
    throw busy(running)
  }
  const { definition, config } = loaded
  const queued = await store.runs.enqueue({
    runId: request.runId ?? engine.createRunId(),
    connectorId,
    resourceType,
    tenantId: definition.tenantId,
    mode: mode ?? config.strategy,
    requested,
    checkpoint: firstCheckpoint({ nextWatermark: clock.now().toISOString(), rules: '' }),
    stats: zeroStats,
    timings: zeroTimings,
  })
  const { run } = queued
  if (run.connectorId !== connectorId || run.resourceType !== resourceType) throw idTaken(run.runId)
  if (queued.kind === 'busy' && !isWanted(request, run)) throw busy(run)
  return run
}

/** The run that has the id already, if it is one of the scope. */
export async function queuedBefore({ store }: EngineContext, wanted: WantedRun): Promise<Run | undefined> {
  const { runId, connectorId } = wanted
  const run = runId === undefined ? undefined : await store.runs.get(runId, { connectorId })
  return run && isWanted(wanted, run) ? run : undefined
}

const isWanted = ({ runId, connectorId, resourceType }: WantedRun, run: Run): boolean =>
  run.runId === runId && run.connectorId === connectorId && run.resourceType === resourceType

/** Nothing is shown of a run of another scope, which may be another tenant's. */
const idTaken = (runId: string): SyncError =>
  new SyncError('OPTIONS_INVALID', `Run id "${runId}" is taken. Choose another approvalId or createRunId.`, {
    details: { runId },
  })

const busy = ({ runId, status, connectorId, resourceType }: Run): SyncError =>
  new SyncError(
    'SYNC_ALREADY_RUNNING',
    `Run ${runId} of ${resourceType} of ${connectorId} is ${status}; wait for it or cancel it`,
    { details: { runId } },
  )

const mostCounted = 100

/** How many runs of the tenant wait already: its later ones give way to the first ones of others. */
async function runsAhead({ store }: EngineContext, { runId, tenantId }: Run): Promise<number> {
  const waiting = await store.runs.list({ status: 'queued', limit: mostCounted })
  return waiting.filter((other) => other.tenantId === tenantId && other.runId !== runId).length
}
