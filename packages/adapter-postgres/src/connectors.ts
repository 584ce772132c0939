import type { ConnectorDefinition, ConnectorStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { readJsonObject, writeDocument } from './stored-documents.ts'
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
    save: (connector) =>
      database.write(async (session) => {
        const [row] = await session.run(sql<ConnectorRow>`insert into ${tables.connectors}
          (id, tenant_id, type, name, config, credential_ref, status)
          values (${connector.connectorId}, ${connector.tenantId}, ${connector.type}, ${connector.name},
            ${writeDocument(connector.config)}::jsonb, ${connector.credentialRef ?? null}, ${connector.status})
          on conflict (id) do update set tenant_id = excluded.tenant_id, type = excluded.type,
            name = excluded.name, config = excluded.config, credential_ref = excluded.credential_ref,
            status = excluded.status, updated_at = excluded.updated_at
          returning ${columns}`)
        return toConnector(row)
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
    remove: (connectorId) =>
      database.write(async (session) => {
        // The scopes first, like every writer of them: a run that is just ending is waited for.
        const scopes = await session.run(sql<{ id: number }>`select id from ${tables.scopes}
          where connector_id = ${connectorId} order by id for update`)
        for (const { id } of scopes) {
          await session.run(sql`delete from ${tables.rows} where scope_id = ${id}::int`)
        }
        // Then those of post-sync: what a commit that is just ending wrote is seen, and goes too.
        await session.run(sql`select id from ${tables.postSyncScopes}
          where connector_id = ${connectorId} order by id for update`)
        await session.run(sql`delete from ${tables.matches} where connector_id = ${connectorId}`)
        const removed = await session.run(
          sql`delete from ${tables.connectors} where id = ${connectorId} returning id`,
        )
        return removed.length > 0
      }),
  }
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
