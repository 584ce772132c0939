import { isSyncError, SyncError } from '../errors.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { StartOptions, Syncline } from './syncline.ts'
import { withinDeadline } from './within-deadline.ts'

/** Something that goes on by itself. */
interface Part {
  stop(): Promise<void>
}

export interface LifeOptions {
  readonly engine: EngineContext
  readonly stopping: AbortController
  readonly givingUp: AbortController
  /** What every started process does. */
  readonly watch: () => Part & { readonly started: Promise<void> }
  /** What only those do that work. */
  readonly work: () => readonly Part[]
  /** After all of that has stopped. */
  readonly end: () => Promise<void>
}

/**
 * A store that is away comes back by itself. One that refuses, for want of a right, a table or a release, does not.
 * @throws STORE_FAILED, SCHEMA_OUTDATED
 */
async function requireStore({ store, logger }: EngineContext): Promise<void> {
  try {
    await store.runs.abandoned(1)
    await store.configs.list({})
  } catch (error) {
    if (isSyncError(error, 'STORE_FAILED', 'SCHEMA_OUTDATED')) throw error
    logger.warn({ error }, 'started while the store is unavailable; trying again')
  }
}

/** From `start` to `stop`. */
export function createLife(options: LifeOptions): Pick<Syncline, 'start' | 'stop'> {
  const { engine, stopping, givingUp, end } = options
  const { clock, logger, limits } = engine
  let watching: ReturnType<LifeOptions['watch']> | undefined
  let working: readonly Part[] | undefined
  const stopAll = async (): Promise<void> => {
    const parts = [...(watching ? [watching] : []), ...(working ?? [])]
    await Promise.all(parts.map((part) => part.stop()))
    await end()
  }
  return {
    async start({ work = true }: StartOptions = {}) {
      stopping.signal.throwIfAborted()
      await requireStore(engine)
      stopping.signal.throwIfAborted()
      watching ??= options.watch()
      if (work) working ??= options.work()
      await watching.started
    },
    async stop() {
      stopping.abort(new SyncError('STOPPED', 'Syncline was stopped; the next run goes on from here'))
      const inTime = await withinDeadline(clock, limits.stopTimeoutMs, stopAll())
      if (inTime) return
      logger.warn({ afterMs: limits.stopTimeoutMs }, 'stopped before everything had ended')
      givingUp.abort(stopping.signal.reason)
    },
  }
}
