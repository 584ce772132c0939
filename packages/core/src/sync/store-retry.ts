import { isSyncError } from '../errors.ts'
import { backoffMs } from '../time/backoff.ts'
import type { EngineContext } from './engine-context.ts'

const maxStoreRetries = 5

/**
 * Repeats a store call while the database is away: restarts take seconds, a run may take hours. Only for calls
 * that are safe to repeat, since the answer may have been lost after the commit.
 */
export async function retryStore<Answer>(
  engine: EngineContext,
  signal: AbortSignal,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!isSyncError(error, 'STORE_UNAVAILABLE') || attempt > maxStoreRetries) throw error
      engine.logger.warn({ error, attempt }, 'store unavailable, trying again')
      await engine.clock.sleep(backoffMs({ attempt, random: engine.random }), signal)
    }
  }
}
