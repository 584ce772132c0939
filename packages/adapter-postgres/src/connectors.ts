import {
  type ConnectorDefinition,
  type ConnectorStore,
  type ConnectorWrite,
  connectorNotOwned,
} from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import type { Session } from './database.ts'
import { lockConnector, lockScopes, moveConnector } from './move-connector.ts'
import { readJsonObject, writeDocument } from './stored-documents.ts'
import type { Tables } from './tables.ts'
import { compact, msOf } from './values.ts'

interface ConnectorRow {
  readonly connectorId: string
  readonly tenantId: string
  readonly type: string
  readonly name: string
  readonly config: string
  readonly credentialRef: string | null
  readonly status: ConnectorDefinition['status']
  readonly createdMs: number
  readonly updatedMs: number
}

const columns = sql`id as "connectorId", tenant_id as "tenantId", type, name, config::text as config,
  credential_ref as "credentialRef", status,
  ${msOf('created_at')} as "createdMs", ${msOf('updated_at')} as "updatedMs"`

/** Configured connectors. */
export function connectorStore({ database, tables }: StoreContext): ConnectorStore {
  const select = (rest: RawBuilder<unknown>): RawBuilder<ConnectorRow> =>
    sql<ConnectorRow>`select ${columns} from ${tables.connectors} ${rest}`
  return {
    save: (connector) => database.write((session) => save(session, tables, connector)),
    setStatus: (connectorId, { tenantId, status }) =>
      database.write(async (session) => {
        const [row] = await session.run(sql<ConnectorRow>`update ${tables.connectors}
          set status = ${status}, updated_at = clock_timestamp()
          where id = ${connectorId} and tenant_id = ${tenantId} returning ${columns}`)
        return row && toConnector(row)
      }),
    get: (connectorId, { tenantId } = {}) =>
      database.read(async (session) => {
        const ofTenant = tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`
        const [row] = await session.runPrepared(select(sql`where id = ${connectorId} ${ofTenant}`))
        return row && toConnector(row)
      }),
    list: ({ tenantId }) =>
      database.read(async (session) => {
        const rows = await session.run(
          select(tenantId === undefined ? sql`order by id` : sql`where tenant_id = ${tenantId} order by id`),
        )
        return rows.map(toConnector)
      }),
    move: (move) =>
      database.write(async (session) => {
        if (!(await moveConnector(session, tables, move))) return undefined
        const [row] = await session.run(select(sql`where id = ${move.connectorId}`))
        return row && toConnector(row)
      }),
    remove: (connectorId, { tenantId } = {}) =>
      database.write((session) => remove(session, tables, { connectorId, tenantId })),
  }
}

/** @throws CONNECTOR_TENANT_MISMATCH */
async function save(
  session: Session,
  tables: Tables,
  connector: ConnectorWrite,
): Promise<ConnectorDefinition> {
  const { connectorId, tenantId, type, name = null, status = null, credentialRef } = connector
  const config = sql`${writeDocument(connector.config)}::jsonb`
  const [row] = await session.run(sql<
    ConnectorRow & { isNew: boolean }
  >`insert into ${tables.connectors} as kept
      (id, tenant_id, type, name, config, credential_ref, status)
    values (${connectorId}, ${tenantId}, ${type}, coalesce(${name}::text, ${connectorId}),
      coalesce(${config}, '{}'), ${credentialRef ?? null}, coalesce(${status}::text, 'active'))
    on conflict (id) do update set type = excluded.type, name = coalesce(${name}::text, kept.name),
      config = coalesce(${config}, case when kept.type = excluded.type then kept.config else '{}' end),
      credential_ref = case when kept.type = excluded.type and not ${credentialRef !== undefined}::boolean
        then kept.credential_ref else excluded.credential_ref end,
      status = coalesce(${status}::text, kept.status), updated_at = excluded.updated_at
      where kept.tenant_id = excluded.tenant_id
    returning ${columns}, kept.xmax = 0 as "isNew"`)
  if (!row) throw connectorNotOwned(connector)
  if (row.isNew) {
    await session.run(sql`delete from ${tables.webhookMessages}
      where connector_id = ${connectorId} and former_tenant_id is distinct from ${tenantId}`)
  }
  return toConnector(row)
}

async function remove(
  session: Session,
  tables: Tables,
  { connectorId, tenantId }: { readonly connectorId: string; readonly tenantId: string | undefined },
): Promise<boolean> {
  const owner = await lockConnector(session, tables, connectorId)
  if (owner === undefined || (tenantId !== undefined && tenantId !== owner)) return false
  for (const id of await lockScopes(session, tables, connectorId)) {
    await session.run(sql`delete from ${tables.rows} where scope_id = ${id}::int`)
  }
  // Locked before their rows are removed: a commit that is just ending is waited for, and its rows are removed too.
  await session.run(sql`select id from ${tables.postSyncScopes}
    where connector_id = ${connectorId} order by id for update`)
  await session.run(sql`delete from ${tables.matches} where connector_id = ${connectorId}`)
  await session.run(sql`update ${tables.webhookMessages} set former_tenant_id = ${owner}
    where connector_id = ${connectorId} and former_tenant_id is null`)
  await session.run(sql`delete from ${tables.connectors} where id = ${connectorId}`)
  return true
}

function toConnector(row: ConnectorRow | undefined): ConnectorDefinition {
  if (!row) throw new Error('A saved connector was not answered')
  return compact<ConnectorDefinition>({
    connectorId: row.connectorId,
    tenantId: row.tenantId,
    type: row.type,
    name: row.name,
    config: readJsonObject(row.config),
    credentialRef: row.credentialRef ?? undefined,
    status: row.status,
    createdAt: new Date(row.createdMs),
    updatedAt: new Date(row.updatedMs),
  })
}
