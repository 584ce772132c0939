import { isSyncError } from '../errors.ts'

/** What becomes of a job whose run could not begin or be ended. */
export type AfterRefusal =
  /** Nothing is left to do. */
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly laterMs: number }
  /** A person has to mend something first. */
  | { readonly kind: 'refused' }

const busyMs = 30_000
const tenantBusyMs = 5_000
const storeAwayMs = 15_000
const stoppedMs = 1_000

export function afterRefusal(error: unknown): AfterRefusal {
  if (isSyncError(error, 'RUN_NOT_DUE', 'RUN_CANCELLED', 'CONNECTOR_NOT_FOUND')) return { kind: 'done' }
  if (isSyncError(error, 'SYNC_ALREADY_RUNNING')) return { kind: 'later', laterMs: busyMs }
  if (isSyncError(error, 'TENANT_LIMIT_REACHED')) return { kind: 'later', laterMs: tenantBusyMs }
  if (isSyncError(error, 'MIN_INTERVAL_NOT_REACHED')) {
    return { kind: 'later', laterMs: Math.ceil(error.retryAfterMs ?? busyMs) }
  }
  if (isSyncError(error, 'STOPPED', 'LEASE_LOST')) return { kind: 'later', laterMs: stoppedMs }
  if (isSyncError(error, 'STORE_UNAVAILABLE', 'STORE_FAILED', 'QUEUE_UNAVAILABLE')) {
    return { kind: 'later', laterMs: storeAwayMs }
  }
  return { kind: 'refused' }
}
