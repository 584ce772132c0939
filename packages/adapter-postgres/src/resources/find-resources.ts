import type { Resource, ResourceQuery, ResourceSlice } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { type ResourceRow, resourceColumns, toResource } from './resource-row.ts'
import { isSearch, type Search } from './search.ts'
import { indexedMatches } from './search-index.ts'

export async function getResource(
  session: Session,
  tables: Tables,
  ref: { readonly connectorId: string; readonly resourceType: string; readonly externalId: string },
): Promise<Resource | undefined> {
  const [row] = await session.run(sql<ResourceRow>`select ${resourceColumns}
    from ${tables.scopes} s join ${tables.rows} r on r.scope_id = s.id
    where s.connector_id = ${ref.connectorId} and s.resource_type = ${ref.resourceType}
      and r.external_id = ${ref.externalId}`)
  return row && toResource(row)
}

/**
 * A part of the result. A search for something frequent is over after a short walk in order, which no statistics
 * turn into anything else; only what is rare asks the search index, where there is one, or walks on.
 */
export async function findResources(
  session: Session,
  tables: Tables,
  { slice, search }: { readonly slice: ResourceSlice; readonly search: Search },
): Promise<readonly Resource[]> {
  if (!isSearch(slice)) return read(session, keysInOrder(tables, slice), tables)
  const matches = await search.conditions(session, slice.search)
  const walked = await read(
    session,
    keysInOrder(tables, slice, { matches, walk: search.rowsWalkedFirst }),
    tables,
  )
  // Less than a whole page may be all there is, or all that the walk came to.
  if (walked.length === slice.limit) return walked
  const index = await search.index(session, slice.search)
  const keys = index
    ? indexedMatches(tables, { slice, matches, range: inRange(slice, 'f.external_id') })
    : keysInOrder(tables, slice, { matches })
  return read(session, keys, tables)
}

/** Counts by the scope's own counters where it can; a search is counted up to `atMost`. */
export async function countResources(
  session: Session,
  tables: Tables,
  {
    query,
    search,
  }: { readonly query: ResourceQuery & { readonly atMost?: number | undefined }; readonly search: Search },
): Promise<number> {
  const limited = (count: number): number => Math.min(count, query.atMost ?? count)
  if (!isSearch(query)) {
    const counter = sql.raw(
      query.stale === undefined ? 's.live_rows + s.stale_rows' : query.stale ? 's.stale_rows' : 's.live_rows',
    )
    const [row] = await session.run(sql<{
      count: number
    }>`select coalesce(sum(${counter}), 0)::float8 as count
      from ${tables.scopes} s where ${ofConnector(query)}`)
    return limited(row?.count ?? 0)
  }
  const matches = await search.conditions(session, query.search)
  const slice = { ...query, limit: query.atMost ?? Number.MAX_SAFE_INTEGER }
  const walked = keysInOrder(tables, slice, { matches, walk: search.rowsWalkedFirst })
  const [first] = await session.run(sql<{ count: number }>`select count(*)::int as count from (${walked}) k`)
  if (first && first.count === slice.limit) return first.count
  const keys = (await search.index(session, query.search))
    ? indexedMatches(tables, { slice, matches, range: sql`true` })
    : keysInOrder(tables, slice, { matches })
  const [row] = await session.run(sql<{ count: number }>`select count(*)::float8 as count from (${keys}) k`)
  return row?.count ?? 0
}

/** The rows of some keys, in the order of the keys. */
async function read(
  session: Session,
  keys: RawBuilder<unknown>,
  tables: Tables,
): Promise<readonly Resource[]> {
  const rows = await session.run(sql<ResourceRow>`select ${resourceColumns}
    from (${keys}) k join ${tables.scopes} s on s.id = k.scope_id
    join ${tables.rows} r on r.scope_id = k.scope_id and r.external_id = k.external_id
    order by s.resource_type, r.external_id`)
  return rows.map(toResource)
}

/**
 * The keys of a part, along the unique index of each scope; only keys, so that passing over many reads nothing but
 * the index. With `walk`, no more than so many rows of a scope are looked at.
 */
function keysInOrder(
  tables: Tables,
  slice: ResourceSlice,
  search?: { readonly matches: RawBuilder<unknown>; readonly walk?: number },
): RawBuilder<unknown> {
  const { limit, offset = 0, stale } = slice
  const most = sql`limit ${limit + offset}::bigint`
  const state =
    stale === undefined ? sql`true` : stale ? sql`r.stale_since is not null` : sql`r.stale_since is null`
  const rows = sql`${tables.rows} r where r.scope_id = s.id and ${inRange(slice)}`
  const keys =
    search?.walk === undefined
      ? sql`select r.external_id from ${rows} and ${state} and ${search?.matches ?? sql`true`}
          order by r.external_id ${most}`
      : sql`select r.external_id from (
            select r.* from ${rows} order by r.external_id limit ${search.walk}::bigint
          ) r where ${state} and ${search.matches} order by r.external_id ${most}`
  const after = slice.after ? sql`and s.resource_type >= ${slice.after.resourceType}` : sql``
  return sql`select s.id as scope_id, f.external_id, s.resource_type from (
      select s.* from ${tables.scopes} s where ${ofConnector(slice)} ${after} offset 0
    ) s cross join lateral (${keys}) f
    order by s.resource_type, f.external_id limit ${limit}::bigint offset ${offset}::bigint`
}

/** An expression per scope, not a choice of conditions: the index can begin there. */
const inRange = ({ after }: ResourceSlice, key = 'r.external_id'): RawBuilder<unknown> =>
  after
    ? sql`${sql.ref(key)} > case when s.resource_type = ${after.resourceType}
        then ${after.externalId} else '' end collate "C"`
    : sql`true`

const ofConnector = ({ connectorId, resourceType }: ResourceQuery): RawBuilder<unknown> =>
  resourceType === undefined
    ? sql`s.connector_id = ${connectorId}`
    : sql`s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`
