import type { JsonObject } from './model/json.ts'

/** Every code an error of Syncline can carry. Stable within a major version; messages are not. `docs/errors.md` explains each. */
export const errorCodes = [
  // Configuration
  'OPTIONS_INVALID',
  'CONNECTOR_TYPE_INVALID',
  'CONNECTOR_TYPE_DUPLICATE',
  'CONNECTOR_TYPE_UNKNOWN',
  'CONNECTOR_INVALID',
  'CONNECTOR_CONFIG_INVALID',
  'CONNECTOR_NOT_FOUND',
  'CONNECTOR_TENANT_MISMATCH',
  'CONNECTOR_LINKED',
  'CONNECTOR_PAUSED',
  'RESOURCE_TYPE_UNKNOWN',
  'SYNC_CONFIG_INVALID',
  'CRON_INVALID',
  'RETENTION_INVALID',
  'FILTER_INVALID',
  'GLOB_INVALID',
  'INCREMENTAL_UNSUPPORTED',
  'GROUPS_INCOMPLETE',
  'GROUPS_NOT_SYNCED',
  'RECORD_INVALID',
  // Runs
  'SYNC_ALREADY_RUNNING',
  'TENANT_LIMIT_REACHED',
  'MIN_INTERVAL_NOT_REACHED',
  'RUN_NOT_DUE',
  'RUN_NOT_FOUND',
  'RUN_NOT_GUARDED',
  'RUN_SUPERSEDED',
  'RUN_ENDED',
  'RUN_CANCELLED',
  'RUN_TIMEOUT',
  'RUN_ABANDONED',
  'RUN_LIMIT_REACHED',
  'REMOVAL_GUARDED',
  'LEASE_LOST',
  'STOPPED',
  // Upstream
  'ADDRESS_DENIED',
  'CONNECTOR_ANSWER_INVALID',
  'CONNECTOR_FAILED',
  'CURSOR_REPEATED',
  'PAGES_REPEATED',
  'TOO_MANY_EMPTY_PAGES',
  'DELTA_EXPIRED',
  'RATE_LIMITED',
  'UNAUTHORIZED',
  'UPSTREAM_REJECTED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
  // Credentials
  'CREDENTIAL_INVALID',
  'CREDENTIAL_NOT_FOUND',
  'CREDENTIAL_REAUTH_REQUIRED',
  'CREDENTIAL_REJECTED',
  'CREDENTIAL_UNREADABLE',
  // Webhooks
  'WEBHOOK_UNVERIFIED',
  'WEBHOOK_INVALID',
  'WEBHOOK_TOO_LARGE',
  'WEBHOOK_CONTENDED',
  'WEBHOOK_HANDLER_FAILED',
  // People
  'POST_SYNC_UNAVAILABLE',
  'POST_SYNC_ALREADY_RUNNING',
  'DEACTIVATION_GUARDED',
  'PLAN_INVALID',
  'PLAN_OUTDATED',
  'MATCH_NOT_FOUND',
  'MATCH_CHANGED',
  'MATCH_EMAIL_MISSING',
  'RESOLUTION_INVALID',
  'USER_NOT_FOUND',
  'USER_EXISTS',
  'USER_DIRECTORY_FAILED',
  'PROFILE_STORE_FAILED',
  'TENANT_NOT_SERVED',
  'ACTION_NOT_FOUND',
  'ACTION_NOT_UNDOABLE',
  // Store
  'STORE_UNAVAILABLE',
  'STORE_FAILED',
  'SCHEMA_OUTDATED',
  'SEARCH_INDEX_UNAVAILABLE',
  'CHANGES_EXPIRED',
  // Queue
  'QUEUE_UNAVAILABLE',
  'JOB_LOST',
  // Cache
  'CACHE_UNAVAILABLE',
  // Requests
  'REQUEST_INVALID',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PRECONDITION_FAILED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'IDEMPOTENCY_KEY_IN_USE',
  'IDEMPOTENCY_KEY_REUSED',
  'TOO_MANY_REQUESTS',
  // Ours
  'INTERNAL',
] as const

/** Every code an error of Syncline can carry. */
export type ErrorCode = (typeof errorCodes)[number]

export interface SyncErrorOptions {
  /** Facts for programs: ids, limits, paths. Never a secret. */
  readonly details?: JsonObject
  /** How long to wait before trying again, when upstream or a limit said so. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/**
 * The one error class of Syncline. Compare `code`, never the message or the class: two copies of the package
 * may be loaded in one host, which is what `isSyncError` is for.
 */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: ErrorCode
  readonly details: JsonObject | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Whether a thrown value is a Syncline error, optionally one of the given codes; works across package copies. */
export function isSyncError(error: unknown, ...codes: ErrorCode[]): error is SyncError {
  if (!(error instanceof Error) || error.name !== 'SyncError' || !('code' in error)) return false
  const code = errorCodes.find((known) => known === error.code)
  return code !== undefined && (codes.length === 0 || codes.includes(code))
}

/** Refusal of an id that another tenant has. Does not contain that tenant. */
export const connectorNotOwned = ({
  connectorId,
  tenantId,
}: {
  readonly connectorId: string
  readonly tenantId: string
}): SyncError =>
  new SyncError(
    'CONNECTOR_TENANT_MISMATCH',
    `Connector "${connectorId}" does not belong to tenant "${tenantId}". Set tenantId to its tenant, choose another id, or move the connector with connectors.move.`,
    { details: { connectorId, tenantId } },
  )

/** Refusal to move a connector whose people are still those of its tenant. */
export const connectorLinked = (
  connectorId: string,
  { links, open }: { readonly links: number; readonly open: number },
): SyncError =>
  new SyncError(
    'CONNECTOR_LINKED',
    links > 0
      ? `Connector "${connectorId}" cannot move: ${links} of its match rows hold a user of its tenant. Unlink or skip them first.`
      : `Connector "${connectorId}" cannot move: ${open} actions on users of its tenant are not settled. Run its post-sync first.`,
    { details: { connectorId, links, open } },
  )

/** Refusal to move a connector while something of it is in progress. */
export const connectorBusy = (
  code: 'SYNC_ALREADY_RUNNING' | 'POST_SYNC_ALREADY_RUNNING',
  connectorId: string,
  runId: string,
): SyncError =>
  new SyncError(
    code,
    `Connector "${connectorId}" cannot move while run ${runId} is queued or in progress. Wait for it or cancel it.`,
    { details: { connectorId, runId } },
  )
