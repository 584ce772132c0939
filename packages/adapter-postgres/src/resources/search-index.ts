import type { ResourceSlice } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'

export const searchIndexName = 'resource_row_search'

/** Whether the index is there and complete: one that is being built, or whose building failed, is not. */
export async function isSearchIndexReady(session: Session, { schema }: Tables): Promise<boolean> {
  const found = await session.run(sql`select 1 from pg_catalog.pg_index i
    where i.indexrelid = to_regclass(${`"${schema}"."${searchIndexName}"`}) and i.indisvalid`)
  return found.length > 0
}

/**
 * The keys of a part of what matches, found by the search index: all matches first, then their order. `materialized`
 * keeps the planner from walking in order and hoping to meet them.
 */
export function indexedMatches(
  tables: Tables,
  request: {
    readonly slice: ResourceSlice
    readonly matches: RawBuilder<unknown>
    readonly range: RawBuilder<unknown>
  },
): RawBuilder<unknown> {
  const { slice, matches, range } = request
  const { connectorId, resourceType, stale, limit, offset = 0, after } = slice
  const state =
    stale === undefined ? sql`true` : stale ? sql`f.stale_since is not null` : sql`f.stale_since is null`
  const types = resourceType === undefined ? sql`true` : sql`s.resource_type = ${resourceType}`
  const following = after ? sql`s.resource_type >= ${after.resourceType}` : sql`true`
  return sql`with found as materialized (
      select r.scope_id, r.external_id, r.stale_since from ${tables.rows} r
      where r.scope_id = any(array(select s.id from ${tables.scopes} s
        where s.connector_id = ${connectorId} and ${types} and ${following})) and ${matches}
    )
    select s.id as scope_id, f.external_id, s.resource_type from found f
    join ${tables.scopes} s on s.id = f.scope_id
    where ${state} and ${range}
    order by s.resource_type, f.external_id limit ${limit}::bigint offset ${offset}::bigint`
}
