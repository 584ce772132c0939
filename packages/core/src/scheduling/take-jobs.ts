import type { Queue } from '../ports/queue.ts'
import { syncQueue, upkeepQueue } from './job-names.ts'
import { applyRetention, type Retention } from './retention.ts'
import { type RunJobs, runJobs } from './run-jobs.ts'

export interface JobTakerParts extends RunJobs {
  readonly queue: Queue
  readonly retention: Retention
}

/** Carries out the jobs of the queue until it is stopped: runs, as many at once as the process may, and upkeep. */
export function takeJobs(parts: JobTakerParts): { stop(): Promise<void> } {
  const { engine, queue, retention } = parts
  const workers = [
    queue.work({
      queue: syncQueue,
      handle: runJobs(parts),
      concurrency: engine.limits.maxConcurrentRuns,
    }),
    queue.work({
      queue: upkeepQueue,
      handle: async ({ signal }) => {
        await applyRetention(engine, retention, signal)
        return undefined
      },
    }),
  ]
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()))
    },
  }
}
