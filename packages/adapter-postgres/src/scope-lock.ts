import { type Lease, type Run, type Scope, SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from './database.ts'
import { readRun } from './runs/run-row.ts'
import type { Tables } from './tables.ts'

/** A scope whose row is locked until the transaction ends. */
export interface LockedScope extends Scope {
  readonly scopeId: number
  readonly generation: number
  readonly fencingToken: number
  readonly hashRecipe: string | null
  readonly hashEpoch: number
  /** Position of the newest change. */
  readonly changePosition: number
  /** Number of the next new row. */
  readonly nextOrdinal: number
}

export const scopeColumns = sql`s.id as "scopeId", s.connector_id as "connectorId",
  s.resource_type as "resourceType", s.generation, s.fencing_token::float8 as "fencingToken",
  s.hash_recipe as "hashRecipe", s.hash_epoch as "hashEpoch", s.change_position::float8 as "changePosition",
  s.next_ordinal as "nextOrdinal"`

/**
 * Every writer of a scope comes through here first, so there is one at a time: no deadlocks, a change log in
 * commit order, and a fence that is a comparison. Statements after this one see all that earlier writers did.
 */
export const lockOf = (tables: Tables, { connectorId, resourceType }: Scope): RawBuilder<LockedScope> =>
  sql<LockedScope>`select ${scopeColumns} from ${tables.scopes} s
    where s.connector_id = ${connectorId} and s.resource_type = ${resourceType} for update`

/** Locks a scope that is there. */
export async function lockScope(
  session: Session,
  tables: Tables,
  scope: Scope,
): Promise<LockedScope | undefined> {
  const [locked] = await session.runPrepared(lockOf(tables, scope))
  return locked
}

/** The locked scope, made when it is not there. @throws CONNECTOR_NOT_FOUND */
export async function openScope(session: Session, tables: Tables, scope: Scope): Promise<LockedScope> {
  const existing = await lockScope(session, tables, scope)
  if (existing) return existing
  const { connectorId, resourceType } = scope
  await session.run(sql`insert into ${tables.scopes} (connector_id, resource_type)
    select id, ${resourceType} from ${tables.connectors} where id = ${connectorId} for key share
    on conflict do nothing`)
  const made = await lockScope(session, tables, scope)
  if (made) return made
  throw connectorNotFound(connectorId)
}

/** The locked scope, if its connector belongs to the tenant, and does until the transaction ends. @throws CONNECTOR_NOT_FOUND */
export async function openOwnedScope(
  session: Session,
  tables: Tables,
  scope: Scope & { readonly tenantId: string },
): Promise<LockedScope> {
  const locked = await openScope(session, tables, scope)
  const [owned] = await session.run(sql`select id from ${tables.connectors}
    where id = ${scope.connectorId} and tenant_id = ${scope.tenantId} for share`)
  if (owned) return locked
  throw connectorNotFound(scope.connectorId)
}

export const connectorNotFound = (connectorId: string): SyncError =>
  new SyncError('CONNECTOR_NOT_FOUND', `There is no connector ${connectorId}; save it first`, {
    details: { connectorId },
  })

export const leaseLost = ({ runId }: Lease): SyncError =>
  new SyncError('LEASE_LOST', `Run ${runId} no longer is the running run of its scope; it must stop`, {
    details: { runId },
  })

/** Locks the scope of a lease and proves that its run may write (I5). @throws LEASE_LOST */
export async function lockFenced(
  session: Session,
  tables: Tables,
  lease: Lease,
): Promise<{ readonly scope: LockedScope; readonly run: Run }> {
  const scope = await lockScope(session, tables, lease)
  if (scope?.fencingToken !== lease.fencingToken) throw leaseLost(lease)
  // A statement of its own, after the lock: it must see how an earlier writer left the run.
  const run = await readRun(session, tables, lease)
  const holds =
    run?.status === 'running' &&
    run.fencingToken === lease.fencingToken &&
    run.connectorId === lease.connectorId &&
    run.resourceType === lease.resourceType
  if (!holds) throw leaseLost(lease)
  return { scope, run }
}

/** The row of the run a lease stands for, while it may write. */
export const runOfLease = (lease: Lease): RawBuilder<unknown> =>
  sql`run_id = ${lease.runId} and status = 'running' and fencing_token = ${lease.fencingToken}::bigint`
