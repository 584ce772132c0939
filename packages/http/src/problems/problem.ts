import { type ErrorCode, isSyncError, type JsonObject, SyncError } from '@syncline/core'
import { problemKinds } from './problem-kinds.ts'

/** An answer to a request. */
export interface HttpReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** A stream ends when its consumer stops reading it. */
  readonly body?: string | AsyncIterable<string> | undefined
}

/** RFC 9110 §15; the title of every type is that of its status. */
const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** Seconds to wait where nobody knows better. */
const defaultRetryAfter = 5

/** How a problem document is written. */
export interface ProblemOptions {
  /** Added to those of every problem. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** See `HttpApiOptions.errorPage`. */
  readonly errorPage?: string | undefined
}

/** A stable name of the kind of problem, or the place that describes it (RFC 9457 §3.1.1). */
const typeOf = (code: ErrorCode, errorPage: string | undefined): string =>
  errorPage === undefined ? `urn:syncline:error:${code}` : `${errorPage}#${code.toLowerCase()}`

/**
 * A problem document (RFC 9457) for an error: its code, and its message where that is the caller's business. What is
 * no `SyncError` is answered as `INTERNAL`, without a word about what it was. 429 and 503 carry `Retry-After`.
 */
export function problemOf(error: unknown, { headers, errorPage }: ProblemOptions = {}): HttpReply {
  const known = isSyncError(error) ? error : new SyncError('INTERNAL', 'Unexpected')
  const kind = problemKinds[known.code]
  const { status } = kind
  const code = kind.as ?? known.code
  const retryAfter = status === 429 || status === 503 ? retryAfterOf(known) : undefined
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...headers,
    },
    body: JSON.stringify({
      type: typeOf(code, errorPage),
      title: titles[status],
      status,
      detail: kind.detail ?? known.message,
      code,
      ...shown(known.details, kind.shows),
    }),
  }
}

/** Returns the problem document of a code, with a message for the caller. */
export const problem = (code: ErrorCode, message: string, options?: ProblemOptions): HttpReply =>
  problemOf(new SyncError(code, message), options)

/** Whether somebody has to look after it: the answer says nothing about it. */
export const isInternal = (error: unknown): boolean =>
  !isSyncError(error) || problemKinds[error.code].status === 500

function retryAfterOf({ retryAfterMs }: SyncError): number {
  return retryAfterMs === undefined ? defaultRetryAfter : Math.max(1, Math.ceil(retryAfterMs / 1_000))
}

function shown(details: JsonObject | undefined, names: readonly string[] = []): JsonObject {
  const members: JsonObject = {}
  for (const name of names) {
    const value = details?.[name]
    if (value !== undefined) members[name] = value
  }
  return members
}
