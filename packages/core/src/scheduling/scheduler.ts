import type { Queue } from '../ports/queue.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { reconcileSchedules } from './reconcile-schedules.ts'

/** Sees to it that the queue says what the store says. */
export interface Scheduler {
  /** Resolves once the first look at the schedules is over. */
  readonly started: Promise<void>
  stop(): Promise<void>
}

/** Reconciles the queue with the store, now and every `reconcileMs`. */
export function startScheduler(engine: EngineContext, queue: Queue): Scheduler {
  const { clock, limits, logger } = engine
  let stopped = false
  let disarm = (): void => undefined
  let going: Promise<void> = Promise.resolve()

  const reconcile = async (): Promise<void> => {
    try {
      await reconcileSchedules(engine, queue)
    } catch (error) {
      logger.warn({ error }, 'schedules could not be reconciled; trying again soon')
    }
    if (!stopped) disarm = clock.after(limits.reconcileMs, again)
  }
  const again = (): void => {
    going = reconcile()
  }
  again()
  return {
    started: going,
    async stop() {
      stopped = true
      disarm()
      await going
      disarm()
    },
  }
}
