import { type ConnectorMove, connectorBusy, connectorLinked } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from './database.ts'
import { writeDocument } from './stored-documents.ts'
import type { Tables } from './tables.ts'

/** Scopes first, like every writer of them: a run that is just ending is waited for. */
export async function lockScopes(
  session: Session,
  tables: Tables,
  connectorId: string,
): Promise<readonly number[]> {
  const scopes = await session.run(sql<{ id: number }>`select id from ${tables.scopes}
    where connector_id = ${connectorId} order by id for update`)
  return scopes.map(({ id }) => id)
}

/**
 * The tenant of a connector whose row is locked until the transaction ends; undefined when there is none. No scope is
 * made for it and no run of it begins meanwhile.
 */
export async function lockConnector(
  session: Session,
  tables: Tables,
  connectorId: string,
): Promise<string | undefined> {
  await lockScopes(session, tables, connectorId)
  const [locked] = await session.run(sql<{ tenantId: string }>`select tenant_id as "tenantId"
    from ${tables.connectors} where id = ${connectorId} for update`)
  return locked?.tenantId
}

/** Hands a connector to another tenant. False when `from` has no such connector. */
export async function moveConnector(
  session: Session,
  tables: Tables,
  { connectorId, from, to }: ConnectorMove,
): Promise<boolean> {
  if ((await lockConnector(session, tables, connectorId)) !== from) return false
  // Once more: one may have been made before the connector was locked.
  await lockScopes(session, tables, connectorId)
  await session.run(sql`select id from ${tables.postSyncScopes}
    where connector_id = ${connectorId} order by id for update`)
  await refuseBusy(session, tables, connectorId)
  await refuseLinked(session, tables, connectorId)

  await giveRuns(session, tables, { connectorId, to })
  await session.run(sql`delete from ${tables.matches} where connector_id = ${connectorId}`)
  await session.run(sql`delete from ${tables.postSyncScopes} where connector_id = ${connectorId}`)
  await session.run(sql`delete from ${tables.keyedRequests} where connector_id = ${connectorId}`)
  await session.run(sql`delete from ${tables.webhookMessages} where connector_id = ${connectorId}`)
  await session.run(sql`update ${tables.configs} set watermark = null, tick_at = null, retry_at = null,
    plan_version = plan_version + 1 where connector_id = ${connectorId}`)
  await session.run(sql`update ${tables.connectors} set tenant_id = ${to}, credential_ref = null,
    status = 'paused', updated_at = clock_timestamp() where id = ${connectorId}`)
  return true
}

async function refuseBusy(session: Session, tables: Tables, connectorId: string): Promise<void> {
  const [run] = await session.run(sql<{ runId: string }>`select r.run_id as "runId" from ${tables.runs} r
    join ${tables.scopes} s on s.id = r.scope_id where s.connector_id = ${connectorId} and (r.status = 'queued'
      or (r.status = 'running' and r.lease_expires_at > clock_timestamp())) limit 1`)
  if (run) throw connectorBusy('SYNC_ALREADY_RUNNING', connectorId, run.runId)
  const [postSync] = await session.run(sql<{ runId: string }>`select r.run_id as "runId"
    from ${tables.postSyncRuns} r join ${tables.postSyncScopes} p on p.id = r.scope_id
    where p.connector_id = ${connectorId} and r.status = 'running' and r.lease_expires_at > clock_timestamp() limit 1`)
  if (postSync) throw connectorBusy('POST_SYNC_ALREADY_RUNNING', connectorId, postSync.runId)
}

async function refuseLinked(session: Session, tables: Tables, connectorId: string): Promise<void> {
  const [found] = await session.run(sql<{ links: number; open: number }>`select
    (select count(*)::int from ${tables.matches} where connector_id = ${connectorId} and user_id is not null) as links,
    (select count(*)::int from ${tables.actions} where connector_id = ${connectorId} and status = 'intended') as open`)
  const { links = 0, open = 0 } = found ?? {}
  if (links + open > 0) throw connectorLinked(connectorId, { links, open })
}

/** A later run begins a new listing; a run whose process died never writes again. */
async function giveRuns(
  session: Session,
  tables: Tables,
  { connectorId, to }: Pick<ConnectorMove, 'connectorId' | 'to'>,
): Promise<void> {
  const ofConnector = sql`scope_id in (select id from ${tables.scopes} where connector_id = ${connectorId})`
  const error = { code: 'RUN_ABANDONED', message: 'Its process stopped renewing its lease' }
  await session.run(sql`update ${tables.runs} set status = 'error', finished_at = statement_timestamp(),
    error = ${writeDocument(error)}::json where status = 'running' and ${ofConnector}`)
  await session.run(sql`update ${tables.runs} set tenant_id = ${to}, resumable = false where ${ofConnector}`)
}
