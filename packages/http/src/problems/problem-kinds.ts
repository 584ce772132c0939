import type { ErrorCode } from '@syncline/core'

/** How a code of docs/errors.md is answered. */
export interface ProblemKind {
  readonly status: number
  /** Said instead of the error's own message, which may tell what is nobody's business. */
  readonly detail?: string
  /** The code that is answered instead: what does not exist and what is not the caller's look alike. */
  readonly as?: ErrorCode
  /** Members of the error's `details` that are answered too. */
  readonly shows?: readonly string[]
}

/** Of a run, or of a call that a run made: where there is one, it is named. */
const ofRun = (status: number): ProblemKind => ({ status, shows: ['runId'] })
const input: ProblemKind = { status: 400 }
const notFound: ProblemKind = { status: 404, as: 'NOT_FOUND', detail: 'There is no such thing here' }
const conflict = ofRun(409)
const upstream = ofRun(502)
const later: ProblemKind = { ...ofRun(503), detail: 'This cannot be answered now; try again later' }
const internal: ProblemKind = {
  ...ofRun(500),
  as: 'INTERNAL',
  detail: 'Something went wrong; the log knows more under the request id',
}

/** Every code has its answer: the compiler finds a code that is missing here. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  OPTIONS_INVALID: input,
  CONNECTOR_TYPE_INVALID: internal,
  CONNECTOR_TYPE_DUPLICATE: internal,
  CONNECTOR_TYPE_UNKNOWN: conflict,
  CONNECTOR_INVALID: input,
  CONNECTOR_CONFIG_INVALID: conflict,
  CONNECTOR_NOT_FOUND: notFound,
  CONNECTOR_TENANT_MISMATCH: conflict,
  CONNECTOR_LINKED: conflict,
  CONNECTOR_PAUSED: conflict,
  RESOURCE_TYPE_UNKNOWN: input,
  SYNC_CONFIG_INVALID: input,
  CRON_INVALID: input,
  RETENTION_INVALID: input,
  FILTER_INVALID: input,
  GLOB_INVALID: input,
  INCREMENTAL_UNSUPPORTED: input,
  GROUPS_INCOMPLETE: conflict,
  GROUPS_NOT_SYNCED: conflict,
  RECORD_INVALID: { status: 400, shows: ['reason'] },

  SYNC_ALREADY_RUNNING: conflict,
  TENANT_LIMIT_REACHED: { status: 503 },
  MIN_INTERVAL_NOT_REACHED: { status: 503 },
  RUN_NOT_DUE: conflict,
  RUN_NOT_FOUND: notFound,
  RUN_NOT_GUARDED: { status: 409, shows: ['runId'] },
  RUN_SUPERSEDED: conflict,
  RUN_ENDED: { status: 409, shows: ['runId'] },
  RUN_CANCELLED: conflict,
  RUN_TIMEOUT: ofRun(504),
  RUN_ABANDONED: ofRun(503),
  RUN_LIMIT_REACHED: conflict,
  REMOVAL_GUARDED: conflict,
  LEASE_LOST: conflict,
  STOPPED: later,

  ADDRESS_DENIED: upstream,
  CONNECTOR_ANSWER_INVALID: upstream,
  CONNECTOR_FAILED: upstream,
  CURSOR_REPEATED: upstream,
  PAGES_REPEATED: upstream,
  TOO_MANY_EMPTY_PAGES: upstream,
  DELTA_EXPIRED: upstream,
  RATE_LIMITED: ofRun(503),
  UNAUTHORIZED: upstream,
  UPSTREAM_REJECTED: upstream,
  UPSTREAM_TIMEOUT: ofRun(504),
  UPSTREAM_UNAVAILABLE: upstream,

  CREDENTIAL_INVALID: input,
  CREDENTIAL_NOT_FOUND: conflict,
  CREDENTIAL_REAUTH_REQUIRED: conflict,
  CREDENTIAL_REJECTED: conflict,
  CREDENTIAL_UNREADABLE: conflict,

  WEBHOOK_UNVERIFIED: { status: 401, detail: 'The signature does not hold' },
  WEBHOOK_INVALID: input,
  WEBHOOK_TOO_LARGE: { status: 413 },
  WEBHOOK_CONTENDED: later,
  WEBHOOK_HANDLER_FAILED: later,

  POST_SYNC_UNAVAILABLE: { status: 501, detail: 'This installation does not match people' },
  POST_SYNC_ALREADY_RUNNING: conflict,
  DEACTIVATION_GUARDED: conflict,
  PLAN_INVALID: input,
  PLAN_OUTDATED: conflict,
  MATCH_NOT_FOUND: notFound,
  MATCH_CHANGED: conflict,
  MATCH_EMAIL_MISSING: input,
  RESOLUTION_INVALID: input,
  USER_NOT_FOUND: input,
  USER_EXISTS: conflict,
  USER_DIRECTORY_FAILED: later,
  PROFILE_STORE_FAILED: later,
  TENANT_NOT_SERVED: internal,
  ACTION_NOT_FOUND: notFound,
  ACTION_NOT_UNDOABLE: conflict,

  STORE_UNAVAILABLE: later,
  STORE_FAILED: internal,
  SCHEMA_OUTDATED: later,
  SEARCH_INDEX_UNAVAILABLE: later,
  CHANGES_EXPIRED: { status: 410 },
  QUEUE_UNAVAILABLE: later,
  JOB_LOST: internal,
  CACHE_UNAVAILABLE: later,

  REQUEST_INVALID: { status: 400, shows: ['errors'] },
  UNAUTHENTICATED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: notFound,
  METHOD_NOT_ALLOWED: { status: 405 },
  PRECONDITION_FAILED: { status: 412 },
  BODY_TOO_LARGE: { status: 413 },
  MEDIA_TYPE_UNSUPPORTED: { status: 415 },
  IDEMPOTENCY_KEY_IN_USE: conflict,
  IDEMPOTENCY_KEY_REUSED: { status: 422 },
  TOO_MANY_REQUESTS: { status: 429 },

  INTERNAL: internal,
}
