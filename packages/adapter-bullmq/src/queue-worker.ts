import {
  type Clock,
  checkDelay,
  isSyncError,
  type JobHandler,
  type JobProgress,
  type QueueWorker,
  type RunningJob,
  SyncError,
} from '@syncline/core'
import { DelayedError } from 'bullmq'
import type { BullmqServer, OnTrouble, WorkerSettings } from './bullmq-server.ts'
import { atMost } from './in-time.ts'
import { type BullJob, encodeFailure, factsOf, type JobData } from './job-codec.ts'

/** How long a handler has to obey its signal, and BullMQ to say goodbye. */
const obeyMs = 1_000
const goodbyeMs = 400
const defaultDrainMs = 3_000

export interface QueueWorkerOptions {
  readonly server: BullmqServer
  readonly clock: Clock
  readonly queue: string
  readonly handle: JobHandler
  readonly settings: WorkerSettings
  readonly onTrouble: OnTrouble
}

/** Runs the jobs of one queue. */
export function openQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { server, clock, queue, settings, onTrouble } = options
  const crew = createCrew(clock)
  let unfinished = 0
  let stopping: Promise<{ unfinished: number }> | undefined

  const process = async (job: BullJob, token = ''): Promise<void> => {
    const giveBack = (laterMs: number): Promise<never> =>
      postpone(job, { token, dueAt: clock.now().getTime() + laterMs, onTrouble })
    if (stopping) return giveBack(0)
    const jobId = job.id ?? ''
    const ending = crew.enter(jobId)
    try {
      const laterMs = await runJob(options.handle, job, ending.signal)
      if (laterMs !== undefined) return await giveBack(laterMs)
    } catch (error) {
      if (error instanceof DelayedError) throw error
      if (!ending.signal.aborted) throw encodeFailure(error)
      // Nothing to give back: another worker has it.
      if (isSyncError(ending.signal.reason, 'LEASE_LOST')) throw new DelayedError()
      unfinished += 1
      return await giveBack(0)
    } finally {
      crew.leave(jobId, ending)
    }
  }
  const opened = server.openWorker<JobData>(queue, process, settings)
  opened.worker.on('error', onTrouble)
  opened.worker.on('lockRenewalFailed', (jobIds: readonly string[]) => {
    for (const jobId of jobIds) crew.running.get(jobId)?.abort(lost())
  })
  const stop = async (drainMs: number): Promise<{ unfinished: number }> => {
    // Without an answer it still takes no more: what comes after this is given back.
    opened.worker.pause(true).catch(onTrouble)
    await crew.idleWithin(drainMs)
    for (const ending of crew.running.values())
      ending.abort(new SyncError('STOPPED', 'The worker was stopped'))
    await crew.idleWithin(obeyMs)
    const stillRunning = crew.running.size
    await atMost(clock, goodbyeMs, opened.worker.close(stillRunning > 0))
    opened.disconnect()
    return { unfinished: unfinished + stillRunning }
  }
  return {
    stop({ drainMs = defaultDrainMs } = {}) {
      stopping ??= stop(drainMs)
      return stopping
    },
  }
}

/** What is under way, by job. */
function createCrew(clock: Clock) {
  const running = new Map<string, AbortController>()
  let onIdle = (): void => {}
  return {
    running,
    enter(jobId: string): AbortController {
      const ending = new AbortController()
      // Still here from before: this process lost it and was handed it again.
      running.get(jobId)?.abort(lost())
      running.set(jobId, ending)
      return ending
    },
    leave(jobId: string, ending: AbortController): void {
      if (running.get(jobId) === ending) running.delete(jobId)
      if (running.size === 0) onIdle()
    },
    /** Waits for all to end, no longer than that. */
    async idleWithin(ms: number): Promise<void> {
      if (running.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onIdle = resolve
      await atMost(clock, ms, promise)
    },
  }
}

const lost = (): SyncError => new SyncError('LEASE_LOST', 'The queue gave the job to another worker')

/** How much later it wants to run again; undefined when it is done. */
async function runJob(handle: JobHandler, job: BullJob, signal: AbortSignal): Promise<number | undefined> {
  const facts = factsOf(job)
  const running: RunningJob = {
    ...facts,
    failures: job.attemptsMade,
    isLastTry: job.attemptsMade >= facts.retryDelaysMs.length,
    signal,
    report: (progress) => report(job, progress),
  }
  const answer = await handle(running)
  return answer && checkDelay(answer.laterMs)
}

/** Progress that is lost is no failure. */
async function report(job: BullJob, progress: JobProgress): Promise<void> {
  await job.updateProgress({ ...progress }).catch(() => {})
}

interface Postponing {
  readonly token: string
  readonly dueAt: number
  readonly onTrouble: OnTrouble
}

/** Back to the queue without a failure. Where the server does not hear of it, the job comes back when its lock ends. */
async function postpone(job: BullJob, { token, dueAt, onTrouble }: Postponing): Promise<never> {
  try {
    await job.moveToDelayed(dueAt, token)
  } catch (error) {
    onTrouble(error)
  }
  throw new DelayedError()
}
