import { isSyncError } from '../errors.ts'
import type { Scope } from '../model/scope.ts'
import type { EngineContext } from '../sync/engine-context.ts'

const batchSize = 100

/** Looks for runs whose process died, now and every `recoveryPollMs`, and has them resumed (I8). */
export function recoverRuns(
  engine: EngineContext,
  resume: (scope: Scope) => Promise<unknown>,
): { stop(): Promise<void> } {
  let stopped = false
  let disarm = (): void => undefined
  let going: Promise<void> = Promise.resolve()

  const look = async (): Promise<void> => {
    try {
      const dead = await engine.store.runs.abandoned(batchSize)
      await Promise.all(dead.map(({ connectorId, resourceType }) => resumeOne({ connectorId, resourceType })))
    } catch (error) {
      engine.logger.warn({ error }, 'could not look for abandoned runs')
    }
    if (!stopped) disarm = engine.clock.after(engine.limits.recoveryPollMs, start)
  }
  const resumeOne = async (scope: Scope): Promise<void> => {
    try {
      await resume(scope)
    } catch (error) {
      // Another process was faster, or this one does not know the connector type.
      const level = isSyncError(error, 'SYNC_ALREADY_RUNNING', 'CONNECTOR_TYPE_UNKNOWN') ? 'debug' : 'warn'
      engine.logger[level]({ ...scope, error }, 'abandoned run not resumed')
    }
  }
  const start = (): void => {
    going = look()
  }
  start()
  return {
    async stop() {
      stopped = true
      disarm()
      await going
      disarm()
    },
  }
}
