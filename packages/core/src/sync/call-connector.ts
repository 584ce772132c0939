import { SyncError } from '../errors.ts'
import { backoffMs } from '../time/backoff.ts'
import { readPauseMs } from '../time/retry-after.ts'
import { classifyThrown, isTransient } from './classify-error.ts'
import type { EngineContext } from './engine-context.ts'
import type { Limits } from './limits.ts'

export interface ConnectorCall<Answer> {
  /** What is asked for, for messages. */
  readonly command: string
  /** Ends the call and its retries. */
  readonly signal: AbortSignal
  /** Asks once; must throw when the answer is no good. */
  readonly ask: (signal: AbortSignal) => Promise<Answer>
  readonly onRetry: (attempt: number, waitMs: number, error: SyncError) => void
}

/** What calls need of the engine. */
export type CallContext = Pick<EngineContext, 'limits' | 'clock' | 'random'>

/**
 * Asks for one page or resource, again and again while the failure looks transient. A wait upstream asked for is
 * never undercut, and one above the cap is not clamped but ends the run, to be resumed (RFC 9110, section 10.2.3).
 * @throws what went wrong, with a code of ours
 */
export async function callConnector<Answer>(
  engine: CallContext,
  call: ConnectorCall<Answer>,
): Promise<Answer> {
  const { limits, clock, random } = engine
  for (let attempt = 1; ; attempt++) {
    try {
      return await callOnce(engine, call)
    } catch (thrown) {
      call.signal.throwIfAborted()
      const error = classifyThrown(thrown)
      if (!isTransient(error) || attempt > limits.maxRetries) throw error
      const waitMs = Math.max(
        error.retryAfterMs === undefined ? 0 : readPauseMs(error.retryAfterMs),
        backoffMs({ attempt, random }),
      )
      if (waitMs > limits.maxRetryWaitMs) throw error
      call.onRetry(attempt, waitMs, error)
      await clock.sleep(waitMs, call.signal)
    }
  }
}

/** Asks once, for `limits.callTimeoutMs` at most. @throws UPSTREAM_TIMEOUT, the signal's reason, what `ask` throws */
export async function callOnce<Answer>(
  { clock, limits }: Pick<CallContext, 'clock'> & { readonly limits: Pick<Limits, 'callTimeoutMs'> },
  { command, signal, ask }: Omit<ConnectorCall<Answer>, 'onRetry'>,
): Promise<Answer> {
  const ending = new AbortController()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    ending.abort(reason)
    reject(reason)
  }
  const runEnded = (): void => end(signal.reason)
  const tooLate = new SyncError(
    'UPSTREAM_TIMEOUT',
    `${command} did not answer within ${limits.callTimeoutMs} ms`,
  )
  const disarm = clock.after(limits.callTimeoutMs, () => end(tooLate))
  signal.addEventListener('abort', runEnded, { once: true })
  if (signal.aborted) runEnded()
  try {
    // The race covers connectors that do not watch the signal.
    return await Promise.race([ask(ending.signal), aborted])
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error
  } finally {
    disarm()
    // A listener left on the run's signal would keep every page of the run in memory.
    signal.removeEventListener('abort', runEnded)
  }
}
