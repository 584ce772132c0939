import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'

/** Which scopes `s` a query means. */
export const ofConnector = ({ connectorId, resourceType }: ResourceQuery): RawBuilder<unknown> =>
  resourceType === undefined
    ? sql`s.connector_id = ${connectorId}`
    : sql`s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`

/** How many rows of a scope `s` a query without a search means. */
export const rowCounter = ({ stale }: ResourceQuery): RawBuilder<unknown> => {
  if (stale === undefined) return sql`(s.live_rows + s.stale_rows)`
  return stale ? sql`s.stale_rows` : sql`s.live_rows`
}
