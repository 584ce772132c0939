import type { Match, MatchQuery, MatchStatus, PeopleStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import { searchPattern } from '../resources/search-pattern.ts'
import { canBeStored } from '../resources/stored-text.ts'
import type { Tables } from '../tables.ts'
import { exactText } from '../values.ts'
import { type MatchRow, matchColumns, toMatch } from './match-row.ts'
import type { PeopleContext } from './people-context.ts'
import { ofScope } from './subjects.ts'
import { isUuid } from './uuid.ts'

/** Lists and counts match rows. */
export const findMatches = ({
  database,
  tables,
}: PeopleContext): Pick<PeopleStore, 'matchesOf' | 'find' | 'count' | 'stats' | 'linkedUsers'> => ({
  matchesOf: ({ connectorId, matchIds }) =>
    database.read(async (session) => {
      const ids = session.arrays.uuid([...new Set(matchIds)].filter(isUuid))
      const rows = await session.run(sql<FoundRow>`select ${foundColumns} from ${tables.matches} m
        where m.id = any(${ids}) and ${checked(sql`m.connector_id = ${connectorId}`)}`)
      return rows.map((row) => toFound(connectorId, row))
    }),
  find: ({ limit, offset = 0, after, ...query }) =>
    database.read(async (session) => {
      const { connectorId } = query
      if (!isPossible(query)) return []
      const rows = await session.run(sql<FoundRow>`select ${foundColumns} from ${tables.matches} m
        where ${conditionsOf(tables, query)} ${behind(after)} order by m.external_id
        limit ${limit}::bigint offset ${offset}::bigint`)
      return rows.map((row) => toFound(connectorId, row))
    }),
  count: ({ atMost = null, ...query }) =>
    database.read(async (session) => {
      if (!isPossible(query)) return 0
      const [row] = await session.run(sql<{ count: number }>`select count(*)::int as count
        from (select 1 from ${tables.matches} m where ${conditionsOf(tables, query)} limit ${atMost}::bigint) f`)
      return row?.count ?? 0
    }),
  linkedUsers: (scope) =>
    database.read(async (session) => {
      const [row] = await session.run(sql<{ users: number }>`select count(distinct m.user_id)::int as users
        from ${tables.matches} m where ${ofScope('m', scope)} and m.user_id is not null`)
      return row?.users ?? 0
    }),
  stats: (scope) =>
    database.read(async (session) => {
      const rows = await session.run(sql<{ status: MatchStatus; count: number }>`
        select m.match_status as status, count(*)::int as count from ${tables.matches} m
        where ${ofScope('m', scope)} group by m.match_status`)
      const counts = new Map(rows.map(({ status, count }) => [status, count]))
      const of = (status: MatchStatus): number => counts.get(status) ?? 0
      return {
        matched: of('matched'),
        unmatched: of('unmatched'),
        ambiguous: of('ambiguous'),
        manual_override: of('manual_override'),
        skipped: of('skipped'),
        create_pending: of('create_pending'),
      }
    }),
})

interface FoundRow extends MatchRow {
  readonly resourceType: string
  readonly externalId: string
}

const foundColumns = sql`m.resource_type as "resourceType", '=' || m.external_id as "externalId", ${matchColumns}`

const toFound = (connectorId: string, row: FoundRow): Match =>
  toMatch(row, { connectorId, resourceType: row.resourceType, externalId: exactText(row.externalId) })

/** A key that cannot be stored stands for the part that can. */
function behind(after: string | undefined): RawBuilder<unknown> {
  if (after === undefined) return sql``
  const [externalId = ''] = after.split('\u0000', 1)
  return sql`and m.external_id > ${externalId}`
}

/** What cannot be stored is part of nothing. */
const isPossible = ({ search = '' }: MatchQuery): boolean => canBeStored(search)

function conditionsOf(tables: Tables, query: MatchQuery): RawBuilder<unknown> {
  const { status, search } = query
  const conditions = [ofScope('m', query)]
  if (status !== undefined) conditions.push(sql`m.match_status = ${status}`)
  if (search !== undefined && search !== '') {
    const fold = sql.id(tables.schema, 'fold_case')
    const fields = ['m.external_display_name', 'm.external_email', 'm.external_id'].map(
      (column) => sql`${fold}(${sql.ref(column)}) collate "C" like ${searchPattern(tables, search)}`,
    )
    conditions.push(sql`(${sql.join(fields, sql` or `)})`)
  }
  return sql.join(conditions, sql` and `)
}
