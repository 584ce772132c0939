import { SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { createDeadlines } from './deadlines.ts'

/** Calls of a cache that cost a caller no more than the timeout, whatever has become of the cache. */
export interface CacheGuard {
  /** Undefined when the cache failed or did not answer in time, and at once while it is known not to answer. */
  attempt<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined>
  /** The same for calls that must be tried even then. */
  insist<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined>
}

export interface CacheGuardOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly timeoutMs: number
}

/** After so many calls in a row without an answer nobody waits for one, except a single call now and then. */
const tolerated = 3
const restMs = 5_000

/** A cache that hangs costs its timeout a few times, not every time; one that refuses costs nothing anyway. */
export function createCacheGuard({ clock, logger, timeoutMs }: CacheGuardOptions): CacheGuard {
  const deadlines = createDeadlines(clock, timeoutMs)
  let unanswered = 0
  let restsUntil = 0
  let reachable = true

  const failed = (error: unknown): void => {
    if (reachable) logger.warn({ error }, 'the cache does not answer; going on without it')
    reachable = false
  }
  const answered = (): void => {
    if (!reachable) logger.info({}, 'the cache answers again')
    reachable = true
    unanswered = 0
  }
  const late = (): void => {
    unanswered += 1
    restsUntil = clock.now().getTime() + restMs
    failed(new SyncError('CACHE_UNAVAILABLE', `The cache did not answer within ${timeoutMs} ms`))
  }
  const insist = <Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    const end = deadlines.begin(() => {
      late()
      resolve(undefined)
    })
    const settle = async (): Promise<void> => {
      try {
        const answer = await call()
        end()
        answered()
        resolve(answer)
      } catch (error) {
        end()
        failed(error)
        resolve(undefined)
      }
    }
    void settle()
    return promise
  }
  return {
    insist,
    attempt(call) {
      if (unanswered < tolerated) return insist(call)
      const now = clock.now().getTime()
      // A clock that was set back must not keep the cache out for longer.
      if (now < restsUntil && now >= restsUntil - restMs) return Promise.resolve(undefined)
      restsUntil = now + restMs
      return insist(call)
    },
  }
}
