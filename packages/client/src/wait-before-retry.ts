import type { SynclineApiError } from './api-error.ts'

const firstWaitMs = 500

interface FailedAttempt {
  /** Attempts before this one. */
  readonly attempt: number
  /** Whether sending it again does nothing that an earlier attempt may have done. */
  readonly repeatable: boolean
  readonly retries: number
  readonly maxWaitMs: number
  readonly random: () => number
}

/**
 * How long to wait before a request is sent again; undefined: it is not. 429 was refused before anything was done.
 * After 503, or without an answer, nobody knows, so only what may be repeated is. What the server asks for is never
 * undercut. Pure but for `random`.
 */
export function waitBeforeRetry(error: SynclineApiError, failed: FailedAttempt): number | undefined {
  const { attempt, repeatable, retries, maxWaitMs, random } = failed
  if (attempt >= retries || !(error.status === 429 || (repeatable && mayPass(error, attempt))))
    return undefined
  const waitMs = error.retryAfterMs ?? firstWaitMs * 2 ** attempt * (0.5 + random() / 2)
  return waitMs <= maxWaitMs ? waitMs : undefined
}

function mayPass({ code, status, runId }: SynclineApiError, attempt: number): boolean {
  // The end of a run is kept: another attempt would hear of it again.
  if (runId !== undefined) return false
  if (code === 'UNREACHABLE' || status === 503) return true
  // The attempt before this one, whose answer was lost, is still under way.
  return code === 'IDEMPOTENCY_KEY_IN_USE' && attempt > 0
}
