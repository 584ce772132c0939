import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import type { KnownCount, KnownCounts, ScopeSearch } from './known-counts.ts'
import { ofQuery, rowCounter } from './scopes-of-query.ts'
import { isSearch, searchPattern } from './search-pattern.ts'
import { canBeStored } from './stored-text.ts'

/** Counts by the scope's own counters where it can; a search is counted up to `atMost`. */
export async function countResources(
  session: Session,
  tables: Tables,
  {
    query,
    rowsWalkedFirst,
    counts,
  }: {
    readonly query: ResourceQuery & { readonly atMost?: number | undefined }
    readonly rowsWalkedFirst: number
    readonly counts: KnownCounts
  },
): Promise<number> {
  if (isSearch(query) && !canBeStored(query.search)) return 0
  if (isOfScope(query)) return countInScope(session, tables, { query, rowsWalkedFirst, counts })
  const { atMost = Number.POSITIVE_INFINITY } = query
  const ofScope = isSearch(query) ? matchCounter(tables, query, rowsWalkedFirst) : rowCounter(query)
  const [row] = await session.runPrepared(sql<{
    count: number
  }>`select coalesce(sum(${ofScope}), 0)::float8 as count
    from ${tables.scopes} s where ${ofQuery(tables, query)}`)
  return Math.min(row?.count ?? 0, atMost)
}

const isOfScope = (query: ResourceQuery): query is ScopeSearch =>
  isSearch(query) && query.resourceType !== undefined

/** Counts again only if the scope has changed: looked at in the snapshot that would be counted. */
async function countInScope(
  session: Session,
  tables: Tables,
  {
    query,
    rowsWalkedFirst,
    counts,
  }: { readonly query: ScopeSearch; readonly rowsWalkedFirst: number; readonly counts: KnownCounts },
): Promise<number> {
  const { count, scopeId, changePosition } = counts.of(query) ?? { count: 0, scopeId: -1, changePosition: -1 }
  const [counted] = await session.runPrepared(sql<KnownCount>`select s.id as "scopeId",
    s.change_position::float8 as "changePosition",
    case when s.id = ${scopeId}::int and s.change_position = ${changePosition}::bigint then ${count}::float8
      else ${matchCounter(tables, query, rowsWalkedFirst)}::float8 end as count
    from ${tables.scopes} s where ${ofQuery(tables, query)}`)
  if (!counted) return 0
  counts.keep(query, counted)
  return Math.min(counted.count, query.atMost ?? counted.count)
}

const matchCounter = (
  tables: Tables,
  query: ResourceQuery & { readonly search: string; readonly atMost?: number | undefined },
  rowsWalkedFirst: number,
): RawBuilder<unknown> => {
  const { search, stale = null, atMost = null } = query
  return sql`${sql.id(tables.schema, 'count_matches')}(s.id, ${stale}::boolean, ${searchPattern(tables, search)},
    ${atMost}::bigint, ${rowsWalkedFirst}::bigint)`
}
