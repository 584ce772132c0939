import { type Clock, checkWork, type QueueWorker, type WorkRequest } from '@syncline/core'
import type { BullmqServer, OnTrouble } from './bullmq-server.ts'
import { backoffStrategy } from './job-codec.ts'
import { openQueueWorker } from './queue-worker.ts'

/** How often the process of a job may die before the job is a dead letter. */
const maxLosses = 10

export interface WorkforceOptions {
  readonly server: BullmqServer
  readonly clock: Clock
  readonly lockMs: number
  readonly onTrouble: OnTrouble
  /** Lets schedules tick until the returned function is called. */
  readonly startTicking: () => () => Promise<void>
}

/** The workers of this process. Schedules tick while there is one. */
export interface Workforce {
  readonly work: (request: WorkRequest) => QueueWorker
  readonly stop: (drainMs: number | undefined) => Promise<void>
}

export function createWorkforce({
  server,
  clock,
  lockMs,
  onTrouble,
  startTicking,
}: WorkforceOptions): Workforce {
  const workers = new Set<QueueWorker>()
  let ticking: (() => Promise<void>) | undefined

  const stopTicking = async (): Promise<void> => {
    const stop = ticking
    ticking = undefined
    await stop?.()
  }
  return {
    work({ handle, ...request }) {
      const { queue, concurrency } = checkWork(request)
      const settings = {
        concurrency,
        lockDuration: lockMs,
        // A lost job is found at the second look.
        stalledInterval: lockMs / 2,
        maxStalledCount: maxLosses,
        settings: { backoffStrategy },
      }
      const worker = openQueueWorker({ server, clock, queue, handle, settings, onTrouble })
      workers.add(worker)
      ticking ??= startTicking()
      return {
        async stop(options) {
          const stopped = await worker.stop(options)
          workers.delete(worker)
          if (workers.size === 0) await stopTicking()
          return stopped
        },
      }
    },
    async stop(drainMs) {
      await Promise.all([...[...workers].map((worker) => worker.stop({ drainMs })), stopTicking()])
    },
  }
}
