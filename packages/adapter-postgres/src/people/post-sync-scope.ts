import { type Owner, type PostSyncLease, type Scope, SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import { connectorNotFound } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'

/** How post-sync stands in a scope whose row is locked until the transaction ends. */
export interface PostSyncScope extends Owner {
  readonly scopeId: number
  readonly fencingToken: number
  readonly triggeredTo: number
}

/**
 * Every writer of a scope's match rows, journal and runs comes through here first: one at a time. The row is made when
 * it is not there. The connector stays in its tenant until the transaction ends.
 * @throws CONNECTOR_NOT_FOUND
 */
export async function lockPostSync(session: Session, tables: Tables, scope: Scope): Promise<PostSyncScope> {
  const existing = await lock(session, tables, scope)
  if (existing) return existing
  const { connectorId, resourceType } = scope
  await session.run(sql`insert into ${tables.postSyncScopes} (connector_id, resource_type)
    select id, ${resourceType} from ${tables.connectors} where id = ${connectorId} for share
    on conflict do nothing`)
  const made = await lock(session, tables, scope)
  if (made) return made
  throw connectorNotFound(connectorId)
}

async function lock(
  session: Session,
  tables: Tables,
  { connectorId, resourceType }: Scope,
): Promise<PostSyncScope | undefined> {
  const [scope] = await session.runPrepared(sql<PostSyncScope>`select p.id as "scopeId",
      p.fencing_token::float8 as "fencingToken", p.triggered_to::float8 as "triggeredTo",
      c.tenant_id as "tenantId"
    from ${tables.postSyncScopes} p join ${tables.connectors} c on c.id = p.connector_id
    where p.connector_id = ${connectorId} and p.resource_type = ${resourceType}
    for update of p for share of c`)
  return scope
}

/** Proves that a post-sync may write, and extends its lease. @throws LEASE_LOST */
export async function holdLease(session: Session, tables: Tables, lease: PostSyncLease): Promise<void> {
  if (!(await extendLease(session, tables, lease))) throw postSyncLost(lease)
}

/** False when the run no longer is the running one of its scope. */
export async function extendLease(session: Session, tables: Tables, lease: PostSyncLease): Promise<boolean> {
  const held = await session.runPrepared(sql`update ${tables.postSyncRuns} as r
    set lease_expires_at = clock_timestamp() + ${interval(lease.leaseMs)}
    where ${runOfPostSync(tables, lease)} returning r.run_id`)
  return held.length > 0
}

const runOfPostSync = (tables: Tables, lease: PostSyncLease): RawBuilder<unknown> =>
  sql`r.run_id = ${lease.runId} and r.status = 'running' and r.fencing_token = ${lease.fencingToken}::bigint
    and r.scope_id = (select p.id from ${tables.postSyncScopes} p
      where p.connector_id = ${lease.connectorId} and p.resource_type = ${lease.resourceType})`

export const postSyncLost = ({ runId }: PostSyncLease): SyncError =>
  new SyncError('LEASE_LOST', `Post-sync ${runId} no longer is the running one of its scope; it must stop`, {
    details: { runId },
  })
