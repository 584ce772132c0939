import type { Resource, ResourceSlice } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import type { KnownPlace, KnownPlaces, NumberedSlice, ScopeVersion } from './known-places.ts'
import { type ResourceRow, resourceColumns, toResource } from './resource-row.ts'
import { ofQuery, rowCounter } from './scopes-of-query.ts'
import { isSearch, searchPattern } from './search-pattern.ts'
import { canBeStored } from './stored-text.ts'

/** A part of the result, by one statement. What it reads, and how, functions of the schema say: plans never change. */
export async function findResources(
  session: Session,
  tables: Tables,
  {
    slice,
    rowsWalkedFirst,
    places,
  }: {
    readonly slice: ResourceSlice
    readonly rowsWalkedFirst: number
    readonly places: KnownPlaces
  },
): Promise<readonly Resource[]> {
  if (isSearch(slice)) {
    if (!canBeStored(slice.search)) return []
    const pattern = searchPattern(tables, slice.search)
    return read(session, matchingRows(tables, { slice, pattern, rowsWalkedFirst }))
  }
  if (isNumbered(slice)) return findNumbered(session, tables, { slice, places })
  if (slice.offset && !slice.after) return read(session, numberedRows(tables, slice))
  return read(session, followingRows(tables, slice))
}

async function read(session: Session, rows: RawBuilder<unknown>): Promise<readonly Resource[]> {
  const found = await session.runPrepared(sql<ResourceRow>`select ${resourceColumns} from ${rows}`)
  return found.map(toResource)
}

const isNumbered = (slice: ResourceSlice): slice is NumberedSlice =>
  slice.resourceType !== undefined && slice.offset !== undefined && slice.offset > 0 && !slice.after

async function findNumbered(
  session: Session,
  tables: Tables,
  { slice, places }: { readonly slice: NumberedSlice; readonly places: KnownPlaces },
): Promise<readonly Resource[]> {
  const known = places.before(slice)
  // The row before the part, so that it is known where the part begins.
  const more = known?.rows === slice.offset ? 0 : 1
  const wider = { ...slice, offset: slice.offset - more, limit: slice.limit + more }
  const rows = numberedRows(tables, wider, known)
  const found = await session.runPrepared(sql<ResourceRow & ScopeVersion>`select ${resourceColumns},
    s.id as "scopeId", s.change_position::float8 as "changePosition" from ${rows}`)
  const resources = found.map(toResource)
  if (found[0]) places.keep(wider, found[0], resources)
  return resources.slice(more)
}

/** From the beginning or a key on: each scope gives its own first rows; they are few, and merged. */
const followingRows = (tables: Tables, slice: ResourceSlice): RawBuilder<unknown> => {
  const { limit, offset = 0, stale = null } = slice
  return sql`${scopesFrom(tables, slice)} cross join lateral ${sql.id(tables.schema, 'rows_after')}(
      s.id, ${stale}::boolean, ${keyBefore(slice)}, ${limit + offset}::bigint, false) r
    ${inOrder} limit ${limit}::bigint offset ${offset}::bigint`
}

/** From the number of the first row on: scopes count their rows, so those before the part are not looked at. */
const numberedRows = (tables: Tables, slice: ResourceSlice, known?: KnownPlace): RawBuilder<unknown> => {
  const { limit, offset = 0, stale = null } = slice
  const fromEnds = sql`${sql.id(tables.schema, 'rows_at')}(
      s.id, ${stale}::boolean, s.counted, greatest(${offset}::bigint - s.before, 0),
      least(${limit}::bigint, ${limit + offset}::bigint - s.before))`
  return sql`(
      select s.*, coalesce(sum(s.counted) over (order by s.resource_type
        rows between unbounded preceding and 1 preceding), 0)::bigint as before
      from (select s.*, ${rowCounter(slice)} as counted from ${scopesFrom(tables, slice)}) s
    ) s cross join lateral ${known ? eitherWay(tables, { slice, known, fromEnds }) : fromEnds} r
    where s.before < ${limit + offset}::bigint and s.before + s.counted > ${offset}::bigint
    ${inOrder}`
}

/** From the known row on, if it still has its number and is the nearest. Looked at in the snapshot that is read. */
const eitherWay = (
  tables: Tables,
  {
    slice,
    known: { scopeId, changePosition, externalId, rows },
    fromEnds,
  }: { readonly slice: ResourceSlice; readonly known: KnownPlace; readonly fromEnds: RawBuilder<unknown> },
): RawBuilder<unknown> => {
  const { limit, offset = 0, stale = null } = slice
  const isNearest = sql`(s.id = ${scopeId}::int and s.change_position = ${changePosition}::bigint
    and ${offset - rows}::bigint < s.counted - ${offset + limit}::bigint)`
  return sql`(select * from ${sql.id(tables.schema, 'rows_beyond')}(s.id, ${stale}::boolean, ${externalId},
      ${offset - rows}::bigint, ${limit}::bigint, false) where ${isNearest}
    union all select * from ${fromEnds} where not ${isNearest})`
}

const matchingRows = (
  tables: Tables,
  search: {
    readonly slice: ResourceSlice
    readonly pattern: RawBuilder<unknown>
    readonly rowsWalkedFirst: number
  },
): RawBuilder<unknown> => {
  const { slice, pattern, rowsWalkedFirst } = search
  const { limit, offset = 0, stale = null } = slice
  return sql`${scopesFrom(tables, slice)} cross join lateral ${sql.id(tables.schema, 'find_matches')}(
      s.id, ${stale}::boolean, ${pattern}, ${keyBefore(slice)}, ${limit + offset}::bigint, ${rowsWalkedFirst}::bigint) r
    ${inOrder} limit ${limit}::bigint offset ${offset}::bigint`
}

const inOrder = sql`order by s.resource_type, r.external_id`

const scopesFrom = (tables: Tables, slice: ResourceSlice): RawBuilder<unknown> => {
  const from = slice.after ? sql`and s.resource_type >= ${slice.after.resourceType}` : sql``
  // A scope with no such row is passed over: looking for live ones among stale ones only would take long.
  return sql`(select s.* from ${tables.scopes} s where ${ofQuery(tables, slice)} ${from} and ${rowCounter(slice)} > 0) s`
}

/** Only the scope of the key itself begins at it. A key that cannot be stored stands for the part that can. */
const keyBefore = ({ after }: ResourceSlice): RawBuilder<unknown> => {
  if (!after) return sql`null::text`
  const [externalId = ''] = after.externalId.split('\u0000', 1)
  return sql`case when s.resource_type = ${after.resourceType} then ${externalId}::text end`
}
