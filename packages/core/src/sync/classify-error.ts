import { z } from 'zod'
import { type ErrorCode, errorCodes, isSyncError, SyncError } from '../errors.ts'
import type { ListFailure } from '../ports/connector.ts'
import { readPauseMs } from '../time/retry-after.ts'

/** An answer that says `success: false`. A pause that cannot be read counts as one, and never hides what failed. */
export const failureSchema = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryAfterMs: z
      .unknown()
      .transform((hint) => (hint === undefined || hint === null ? undefined : readPauseMs(hint)))
      .optional(),
  }),
})

/** Codes a connector may use for what went wrong upstream; anything else becomes CONNECTOR_FAILED. */
const upstreamCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'CONNECTOR_ANSWER_INVALID',
  'CONNECTOR_CONFIG_INVALID',
  'CONNECTOR_FAILED',
  'DELTA_EXPIRED',
  'RATE_LIMITED',
  'UNAUTHORIZED',
  'UPSTREAM_REJECTED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
])

/** What `fetch` and sockets report when upstream cannot be reached or hangs up; seen on Node 22 to 26. */
const networkCodes = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])
const timeoutCodes = new Set(['ETIMEDOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'])

/** Turns whatever a connector threw into an error with a code. An unknown error is not retried for ever: it is CONNECTOR_FAILED. */
export function classifyThrown(error: unknown): SyncError {
  if (isSyncError(error)) return error
  for (
    let cause: unknown = error, depth = 0;
    cause instanceof Error && depth < 5;
    cause = cause.cause, depth++
  ) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    if (timeoutCodes.has(code) || cause.name === 'TimeoutError') {
      return new SyncError('UPSTREAM_TIMEOUT', `Upstream did not answer in time: ${cause.message}`, {
        cause: error,
      })
    }
    if (networkCodes.has(code)) {
      return new SyncError('UPSTREAM_UNAVAILABLE', `Upstream cannot be reached: ${cause.message}`, {
        cause: error,
      })
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return new SyncError('CONNECTOR_FAILED', `The connector failed: ${message}`, { cause: error })
}

/** The same for an answer that says `success: false`. */
export function classifyAnswer(failure: ListFailure): SyncError {
  const known = errorCodes.find((code) => code === failure.code && upstreamCodes.has(code))
  const options = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }
  return known
    ? new SyncError(known, failure.message, options)
    : new SyncError('CONNECTOR_FAILED', `The connector answered ${failure.code}: ${failure.message}`, options)
}

/** Worth trying again with the same request. */
export const isTransient = (error: unknown): error is SyncError =>
  isSyncError(error, 'RATE_LIMITED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE')
