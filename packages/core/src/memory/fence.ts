import { SyncError } from '../errors.ts'
import type { Lease } from '../ports/run-store.ts'
import type { MemoryState, StoredRun } from './memory-state.ts'

export const leaseLost = (lease: Lease): SyncError =>
  new SyncError('LEASE_LOST', `Run ${lease.runId} no longer is the running run of its scope; it must stop`, {
    details: { runId: lease.runId },
  })

/** The run a write belongs to, which must be running under the token the write carries (I5). @throws LEASE_LOST */
export function fencedRun(state: MemoryState, lease: Lease): StoredRun {
  const stored = state.runs.get(lease.runId)
  const { connectorId, resourceType, status, fencingToken } = stored?.run ?? {}
  const holds =
    connectorId === lease.connectorId &&
    resourceType === lease.resourceType &&
    status === 'running' &&
    fencingToken === lease.fencingToken
  if (!stored || !holds) throw leaseLost(lease)
  return stored
}
