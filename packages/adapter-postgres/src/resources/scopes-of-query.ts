import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Tables } from '../tables.ts'

/** Which scopes `s` a query means. */
export function ofQuery(
  { connectors }: Tables,
  { connectorId, resourceType, tenantId }: ResourceQuery,
): RawBuilder<unknown> {
  const ofType = resourceType === undefined ? sql`` : sql`and s.resource_type = ${resourceType}`
  const ofTenant =
    tenantId === undefined
      ? sql``
      : sql`and exists (select from ${connectors} c where c.id = s.connector_id and c.tenant_id = ${tenantId})`
  return sql`s.connector_id = ${connectorId} ${ofType} ${ofTenant}`
}

/** How many rows of a scope `s` a query without a search means. */
export const rowCounter = ({ stale }: ResourceQuery): RawBuilder<unknown> => {
  if (stale === undefined) return sql`(s.live_rows + s.stale_rows)`
  return stale ? sql`s.stale_rows` : sql`s.live_rows`
}
