import type { Resource, ResourceRef } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { type ResourceRow, resourceColumns, toResource } from './resource-row.ts'
import { canBeStored } from './stored-text.ts'

export async function getResource(
  session: Session,
  tables: Tables,
  { connectorId, resourceType, externalId }: ResourceRef,
): Promise<Resource | undefined> {
  if (!canBeStored(externalId)) return undefined
  const [row] = await session.runPrepared(sql<ResourceRow>`select ${resourceColumns}
    from ${tables.scopes} s join ${tables.rows} r on r.scope_id = s.id
    where s.connector_id = ${connectorId} and s.resource_type = ${resourceType} and r.external_id = ${externalId}`)
  return row && toResource(row)
}
