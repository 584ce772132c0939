import { SyncError } from '../errors.ts'
import type { ConnectorContext, ListRequest, ResourceTypeDefinition } from '../ports/connector.ts'
import { backoffMs } from '../time/backoff.ts'
import { classifyThrown, isTransient } from './classify-error.ts'
import type { EngineContext } from './engine-context.ts'
import { parseListAnswer, type RawPage } from './list-answer.ts'

export interface ConnectorCall {
  readonly resource: ResourceTypeDefinition<unknown>
  readonly context: ConnectorContext<unknown>
  readonly request: ListRequest
  readonly onRetry: (attempt: number, waitMs: number, error: SyncError) => void
}

/**
 * Asks for one page, again and again while the failure looks transient. A wait upstream asked for is never
 * undercut, and one above the cap is not clamped but ends the run, to be resumed (RFC 9110, section 10.2.3).
 * @throws what went wrong, with a code of ours
 */
export async function callConnector(engine: EngineContext, call: ConnectorCall): Promise<RawPage> {
  const { limits, clock, random } = engine
  for (let attempt = 1; ; attempt++) {
    try {
      return await callOnce(engine, call)
    } catch (thrown) {
      call.request.signal.throwIfAborted()
      const error = classifyThrown(thrown)
      if (!isTransient(error) || attempt > limits.maxRetries) throw error
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs({ attempt, random }))
      if (waitMs > limits.maxRetryWaitMs) throw error
      call.onRetry(attempt, waitMs, error)
      await clock.sleep(waitMs, call.request.signal)
    }
  }
}

async function callOnce(
  engine: EngineContext,
  { resource, context, request }: ConnectorCall,
): Promise<RawPage> {
  const { clock, limits } = engine
  const ending = new AbortController()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    ending.abort(reason)
    reject(reason)
  }
  const runEnded = (): void => end(request.signal.reason)
  const tooLate = new SyncError(
    'UPSTREAM_TIMEOUT',
    `${request.command} did not answer within ${limits.callTimeoutMs} ms`,
  )
  const disarm = clock.after(limits.callTimeoutMs, () => end(tooLate))
  request.signal.addEventListener('abort', runEnded, { once: true })
  if (request.signal.aborted) runEnded()
  try {
    // The race covers connectors that do not watch the signal.
    const answer = await Promise.race([
      resource.list({ ...request, signal: ending.signal }, context),
      aborted,
    ])
    return parseListAnswer(request.command, answer)
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error
  } finally {
    disarm()
    // A listener left on the run's signal would keep every page of the run in memory.
    request.signal.removeEventListener('abort', runEnded)
  }
}
