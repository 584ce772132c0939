import { type ErrorCode, isSyncError, SyncError } from '@syncline/core'

/** What Fastify itself, or a hook of the host's, ended a request with. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  429: 'TOO_MANY_REQUESTS',
  503: 'STOPPED',
}

const messages: Partial<Readonly<Record<ErrorCode, string>>> = {
  BODY_TOO_LARGE: 'The body is longer than this route takes',
  MEDIA_TYPE_UNSUPPORTED: 'The body must be application/json, in UTF-8',
}

/** The same as an error of Syncline: by its status, never in its own words. */
export function errorOfFastify(error: unknown): unknown {
  if (isSyncError(error)) return error
  const status = statusOf(error)
  const code = codes[status] ?? (status >= 400 && status < 500 ? 'REQUEST_INVALID' : undefined)
  return code ? new SyncError(code, messages[code] ?? 'The request was refused') : error
}

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500
