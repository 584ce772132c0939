import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
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
  }: {
    readonly query: ResourceQuery & { readonly atMost?: number | undefined }
    readonly rowsWalkedFirst: number
  },
): Promise<number> {
  if (isSearch(query) && !canBeStored(query.search)) return 0
  const { atMost = Number.POSITIVE_INFINITY } = query
  const ofScope = isSearch(query) ? matchCounter(tables, query, rowsWalkedFirst) : rowCounter(query)
  const [row] = await session.runPrepared(sql<{
    count: number
  }>`select coalesce(sum(${ofScope}), 0)::float8 as count
    from ${tables.scopes} s where ${ofQuery(tables, query)}`)
  return Math.min(row?.count ?? 0, atMost)
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
