import { isSyncError } from '../errors.ts'
import type { Scope } from '../model/scope.ts'
import type { EngineContext } from '../sync/engine-context.ts'

const batchSize = 100

/**
 * Looks for runs whose process died, now and every `recoveryPollMs`, and has them resumed (I8). A look never waits for
 * runs that were resumed before; how many are executed at once is the business of `resume`.
 */
export function recoverRuns(
  engine: EngineContext,
  resume: (scope: Scope) => Promise<unknown>,
): { stop(): Promise<void> } {
  const resuming = new Map<string, Promise<void>>()
  let stopped = false
  let disarm = (): void => undefined
  let looking: Promise<void> = Promise.resolve()

  const look = async (): Promise<void> => {
    try {
      const dead = await engine.store.runs.abandoned(batchSize + resuming.size)
      for (const { connectorId, resourceType } of dead) resumeOnce({ connectorId, resourceType })
    } catch (error) {
      engine.logger.warn({ error }, 'could not look for abandoned runs')
    }
    if (!stopped) disarm = engine.clock.after(engine.limits.recoveryPollMs, start)
  }
  /** A run that waits for its turn is still abandoned at the next look. */
  const resumeOnce = (scope: Scope): void => {
    const key = JSON.stringify([scope.connectorId, scope.resourceType])
    if (stopped || resuming.has(key)) return
    resuming.set(
      key,
      resumeOne(scope).finally(() => resuming.delete(key)),
    )
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
    looking = look()
  }
  start()
  return {
    async stop() {
      stopped = true
      disarm()
      await looking
      disarm()
      await Promise.all(resuming.values())
    },
  }
}
