import { type ErrorCode, isSyncError, SyncError } from '@syncline/core'
import type { FailureType } from '../replies/error-rule.ts'

/** What sockets and the HTTP parser report; seen on Node 22 to 26. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ECONNABORTED: 'UPSTREAM_UNAVAILABLE',
  ECONNREFUSED: 'UPSTREAM_UNAVAILABLE',
  ECONNRESET: 'UPSTREAM_UNAVAILABLE',
  EAI_AGAIN: 'UPSTREAM_UNAVAILABLE',
  EHOSTUNREACH: 'UPSTREAM_UNAVAILABLE',
  ENETUNREACH: 'UPSTREAM_UNAVAILABLE',
  ENOTFOUND: 'UPSTREAM_UNAVAILABLE',
  EPIPE: 'UPSTREAM_UNAVAILABLE',
  ERR_STREAM_PREMATURE_CLOSE: 'UPSTREAM_UNAVAILABLE',
  UND_ERR_CLOSED: 'UPSTREAM_UNAVAILABLE',
  UND_ERR_CONNECT_TIMEOUT: 'UPSTREAM_UNAVAILABLE',
  UND_ERR_SOCKET: 'UPSTREAM_UNAVAILABLE',
  ETIMEDOUT: 'UPSTREAM_TIMEOUT',
  UND_ERR_HEADERS_OVERFLOW: 'CONNECTOR_ANSWER_INVALID',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'UPSTREAM_UNAVAILABLE',
  UND_ERR_INVALID_ARG: 'CONNECTOR_CONFIG_INVALID',
}

const failureTypes: Readonly<Partial<Record<ErrorCode, FailureType>>> = {
  UPSTREAM_UNAVAILABLE: 'transient',
  UPSTREAM_TIMEOUT: 'transient',
  UPSTREAM_REJECTED: 'config',
  CONNECTOR_CONFIG_INVALID: 'config',
}

/** By how a code begins: the HTTP parser, zlib, TLS. */
const codeFamilies: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(HPE_|HTTPParserError)/, 'CONNECTOR_ANSWER_INVALID'],
  [/^(Z_|ERR_(__)?ZLIB|ERR_BROTLI|ERR__ERROR|ERR_PADDING)/, 'CONNECTOR_ANSWER_INVALID'],
  [/CERT|^ERR_TLS|^ERR_SSL|^EPROTO|SELF_SIGNED/, 'UPSTREAM_REJECTED'],
]

/** Whatever a request threw, as an error with a code. @returns the same when it is unknown: the engine does not retry it */
export function transportError(error: unknown, name: string): unknown {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = causeOf(at), depth++) {
    if (isSyncError(at)) return at
    // The HTTP parser gives no code to some of its errors.
    const given = 'code' in at && typeof at.code === 'string' ? at.code : at.name
    const code = codes[given] ?? codeFamilies.find(([pattern]) => pattern.test(given))?.[1]
    if (code) {
      const details = { reason: given, failureType: failureTypes[code] ?? 'system' }
      // What the HTTP parser throws holds the answer.
      const cause = codes[given] === undefined ? undefined : error
      return new SyncError(code, `${name} failed: ${given}`, { details, cause })
    }
  }
  return error
}

/** Several addresses that all failed are one failure. */
const causeOf = (error: Error): unknown => (error instanceof AggregateError ? error.errors[0] : error.cause)
