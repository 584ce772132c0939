import { type ErrorCode, isSyncError, type PostSyncRun, type Run, type RunStatus } from '@syncline/core'

/** What the process exits with. */
export const exitCodes = {
  success: 0,
  /** A run ended in error or timeout, or a check failed. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
  /** A run waits for approval. */
  guarded: 3,
  /** A run stopped early and will resume. */
  unfinished: 4,
} as const

const codeOf: Record<RunStatus, number> = {
  success: exitCodes.success,
  error: exitCodes.failed,
  timeout: exitCodes.failed,
  guarded: exitCodes.guarded,
  partial: exitCodes.unfinished,
  cancelled: exitCodes.unfinished,
  queued: exitCodes.unfinished,
  running: exitCodes.unfinished,
}

/** The worst first: a failure, a mistake, what waits for a person, what goes on by itself. */
const order: readonly number[] = [exitCodes.failed, exitCodes.usage, exitCodes.guarded, exitCodes.unfinished]

export const worstOf = (codes: readonly number[]): number =>
  order.find((code) => codes.includes(code)) ?? exitCodes.success

export const exitCodeOf = (runs: readonly Pick<Run | PostSyncRun, 'status'>[]): number =>
  worstOf(runs.map(({ status }) => codeOf[status]))

/** Refusals whose cause the user must remove before trying again; nothing was done. */
const usageErrors: readonly ErrorCode[] = [
  'CONNECTOR_CONFIG_INVALID',
  'CONNECTOR_INVALID',
  'CONNECTOR_NOT_FOUND',
  'CONNECTOR_PAUSED',
  'CONNECTOR_TENANT_MISMATCH',
  'CONNECTOR_TYPE_DUPLICATE',
  'CONNECTOR_TYPE_INVALID',
  'CONNECTOR_TYPE_UNKNOWN',
  'CREDENTIAL_INVALID',
  'CRON_INVALID',
  'FILTER_INVALID',
  'GLOB_INVALID',
  'GROUPS_INCOMPLETE',
  'GROUPS_NOT_SYNCED',
  'INCREMENTAL_UNSUPPORTED',
  'MATCH_EMAIL_MISSING',
  'MATCH_NOT_FOUND',
  'OPTIONS_INVALID',
  'PLAN_INVALID',
  'PLAN_OUTDATED',
  'POST_SYNC_UNAVAILABLE',
  'RESOLUTION_INVALID',
  'RESOURCE_TYPE_UNKNOWN',
  'RETENTION_INVALID',
  'RUN_NOT_FOUND',
  'RUN_NOT_GUARDED',
  'RUN_SUPERSEDED',
  'SCHEMA_OUTDATED',
  'SYNC_CONFIG_INVALID',
  'USER_EXISTS',
  'USER_NOT_FOUND',
]

export const exitCodeOfError = (error: unknown): number =>
  isSyncError(error, ...usageErrors) ? exitCodes.usage : exitCodes.failed
