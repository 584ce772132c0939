import { SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobHandler, JobProgress, QueueWorker } from '../ports/queue.ts'
import { checkDelay } from '../queueing/check-requests.ts'
import type { HeldJob } from './queue-lane.ts'

/** How long a handler has to obey its signal. */
const obeyMs = 1_000
const defaultDrainMs = 3_000

export interface LaneWorkerOptions {
  readonly queue: string
  readonly concurrency: number
  readonly handle: JobHandler
  readonly clock: Clock
  /** A place became free, or a job went back. */
  readonly onRoom: () => void
}

/** Runs the jobs it is handed. */
export interface LaneWorker extends QueueWorker {
  readonly queue: string
  readonly hasRoom: () => boolean
  readonly run: (held: HeldJob) => void
}

interface Running {
  readonly held: HeldJob
  readonly ending: AbortController
}

export function createLaneWorker(options: LaneWorkerOptions): LaneWorker {
  const { queue, concurrency, handle, clock, onRoom } = options
  const crew = createCrew(clock)
  let unfinished = 0
  let stopping: Promise<{ unfinished: number }> | undefined

  const giveBack = (held: HeldJob): void => {
    unfinished += 1
    held.giveBack(clock.now().getTime())
  }
  const runOne = async (one: Running): Promise<void> => {
    const { held, ending } = one
    try {
      const answer = await handle(handed(held, ending.signal))
      if (answer) held.giveBack(clock.now().getTime() + checkDelay(answer.laterMs))
      else held.end()
    } catch (error) {
      if (ending.signal.aborted && crew.running.has(one)) giveBack(held)
      else held.fail(error, clock.now().getTime())
    }
    crew.leave(one)
    onRoom()
  }
  const stop = async (drainMs: number): Promise<{ unfinished: number }> => {
    await crew.idleWithin(drainMs)
    for (const { ending } of crew.running) ending.abort(new SyncError('STOPPED', 'The worker was stopped'))
    await crew.idleWithin(obeyMs)
    for (const one of crew.running) {
      crew.leave(one)
      giveBack(one.held)
    }
    onRoom()
    return { unfinished }
  }
  return {
    queue,
    hasRoom: () => !stopping && crew.running.size < concurrency,
    run(held) {
      const one = { held, ending: new AbortController() }
      crew.running.add(one)
      // Not now: a handler may ask the queue for something before it first waits.
      void Promise.resolve().then(() => runOne(one))
    },
    stop({ drainMs = defaultDrainMs } = {}) {
      stopping ??= stop(drainMs)
      return stopping
    },
  }
}

/** What is under way. */
function createCrew(clock: Clock) {
  const running = new Set<Running>()
  let onIdle = (): void => {}
  return {
    running,
    leave(one: Running): void {
      running.delete(one)
      if (running.size === 0) onIdle()
    },
    /** Waits for all to end, no longer than that. */
    async idleWithin(ms: number): Promise<void> {
      if (running.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onIdle = resolve
      const disarm = clock.after(ms, resolve)
      await promise
      disarm()
    },
  }
}

function handed(held: HeldJob, signal: AbortSignal) {
  return {
    ...held.facts,
    payload: structuredClone(held.facts.payload),
    failures: held.failures,
    isLastTry: held.failures >= held.facts.retryDelaysMs.length,
    signal,
    report: async (progress: JobProgress) => held.report({ ...progress }),
  }
}
