/** What is wrong with one part of a request. */
export interface RequestFault {
  readonly in: 'path' | 'query' | 'header' | 'body'
  /** JSON pointer (RFC 6901) into that part. */
  readonly pointer: string
  readonly detail: string
}

/** What is known of a call that failed. */
export interface ApiFailure {
  readonly operation: string
  readonly code: string
  readonly detail: string
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly runId?: string | undefined
  readonly reason?: string | undefined
  readonly errors?: readonly RequestFault[] | undefined
}

/**
 * A call that failed, whatever the cause; only an abort is thrown as the signal's own reason.
 *
 * `code` is one of Syncline's error codes, as the answer has it (RFC 9457), or one of the client's own: `UNREACHABLE`,
 * there was no answer, and `UNEXPECTED_ANSWER`, what answered is not the API.
 */
export class SynclineApiError extends Error implements ApiFailure {
  override readonly name = 'SynclineApiError'
  /** Name of the operation. */
  readonly operation: string
  readonly code: string
  /** For a person. */
  readonly detail: string
  /** HTTP status; absent when there was no answer. */
  readonly status: number | undefined
  /** Under which the server's log knows the request. */
  readonly requestId: string | undefined
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The run it is about: the one under way, or the one that did not succeed. */
  readonly runId: string | undefined
  /** Why a record was refused. */
  readonly reason: string | undefined
  /** What is wrong with the request, part by part. */
  readonly errors: readonly RequestFault[] | undefined

  constructor(failure: ApiFailure, options?: ErrorOptions) {
    super(`${failure.operation}: ${failure.code}: ${failure.detail}`, options)
    this.operation = failure.operation
    this.code = failure.code
    this.detail = failure.detail
    this.status = failure.status
    this.requestId = failure.requestId
    this.retryAfterMs = failure.retryAfterMs
    this.runId = failure.runId
    this.reason = failure.reason
    this.errors = failure.errors
  }
}

/** Whether something thrown is a failed call; with codes: one of these. */
export const isSynclineApiError = (error: unknown, ...codes: readonly string[]): error is SynclineApiError =>
  error instanceof SynclineApiError && (codes.length === 0 || codes.includes(error.code))
