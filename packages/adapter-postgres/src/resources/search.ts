import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { isSearchIndexReady } from './search-index.ts'

/** How this database searches; asked once, and remembered. */
export interface Search {
  /** So many rows are walked in order before the index is asked. */
  readonly rowsWalkedFirst: number
  /** What a row `r` must fulfil. */
  conditions(session: Session, part: string): Promise<RawBuilder<unknown>>
  /** Whether the search index finds this part. */
  index(session: Session, part: string): Promise<boolean>
}

export const isSearch = <Query extends ResourceQuery>(query: Query): query is Query & { search: string } =>
  query.search !== undefined && query.search !== ''

export const searchedColumns = ['display_name', 'email', 'external_id'] as const

/** A column without regard to case, the same in every statement: the search index is over this expression. */
export const folded = (column: string, collation: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`lower(${sql.ref(column)} collate ${collation})`

/** The index knows groups of three characters. */
const leastIndexed = 3

export function createSearch(tables: Tables, rowsWalkedFirst: number): Search {
  let collation: Promise<RawBuilder<unknown>> | undefined
  let indexed = false
  return {
    rowsWalkedFirst,
    async conditions(session, part) {
      collation ??= foldingCollation(session).catch((error: unknown) => {
        collation = undefined
        throw error
      })
      const folding = await collation
      const pattern = sql`lower(${`%${part.replaceAll(/[\\%_]/g, '\\$&')}%`} collate ${folding})`
      const holds = searchedColumns.map((column) => sql`${folded(`r.${column}`, folding)} like ${pattern}`)
      return sql`(${sql.join(holds, sql` or `)})`
    },
    async index(session, part) {
      if (Array.from(part).length < leastIndexed) return false
      indexed ||= await isSearchIndexReady(session, tables)
      return indexed
    },
  }
}

/** In databases with C locale only ASCII letters have two cases; ICU, nearly always built in, knows them all. */
export async function foldingCollation(session: Session): Promise<RawBuilder<unknown>> {
  const icu = await session.run(sql`select 1 from pg_catalog.pg_collation where collname = 'und-x-icu'`)
  return icu.length > 0 ? sql`pg_catalog."und-x-icu"` : sql`pg_catalog."default"`
}
