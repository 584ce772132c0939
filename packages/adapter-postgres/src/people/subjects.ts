import type { MatchSubject, Owner, Scope, SubjectSlice, UserLink } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { exactText } from '../values.ts'
import {
  type KeptMatchRow,
  keptMatchColumns,
  type LiveRow,
  liveColumns,
  type SubjectRow,
  subjectColumns,
  toLiveSubject,
  toSubject,
} from './subject-row.ts'

/** A slice of the subjects of a scope, along an index. */
export async function readSubjects(
  session: Session,
  tables: Tables,
  slice: SubjectSlice,
): Promise<readonly MatchSubject[]> {
  const { scope, which, limit, attributes = true } = slice
  if (which === 'live') return readLive(session, tables, slice)
  const after = slice.after ?? null
  const live = which === 'live_linked'
  return read(
    session,
    { scope, attributes },
    sql`from (select m.* from ${tables.matches} m
        where ${ofScope('m', scope)} and m.user_id is not null and m.external_id > coalesce(${after}, '')
          and ${live ? sql`` : sql`not`} exists (${liveRow(tables, 'm')})
        order by m.external_id limit ${limit}::bigint) m
      left join ${tables.scopes} s on ${ofScope('s', scope)}
      left join lateral (select * from ${tables.rows} x
        where x.scope_id = s.id and x.external_id = m.external_id limit 1) r on true
      order by m.external_id`,
  )
}

/**
 * Live resources, then the match rows between the first and the last of them: reading along both is a third of the work
 * of looking each one up. A match row that changes between the two is seen as it is then; who writes by it compares its
 * version.
 */
async function readLive(
  session: Session,
  tables: Tables,
  { scope, limit, after, attributes = true }: Omit<SubjectSlice, 'which'>,
): Promise<readonly MatchSubject[]> {
  const rows =
    await session.runPrepared(sql<LiveRow>`select ${liveColumns({ attributes })} from ${tables.scopes} s
    cross join lateral ${sql.id(tables.schema, 'rows_after')}(s.id, false, ${after ?? null}, ${limit}::bigint, false) r
    where ${ofScope('s', scope)} order by r.external_id`)
  const matches = await matchesBeside(session, tables, { scope, rows })
  const byId = new Map(matches.map((match) => [match.externalId, match]))
  return rows.map((row) => toLiveSubject(scope, row, byId.get(row.externalId)))
}

interface LiveSlice {
  readonly scope: Scope
  /** In order. */
  readonly rows: readonly LiveRow[]
}

/** Match rows of a slice, and perhaps others between them. */
async function matchesBeside(
  session: Session,
  tables: Tables,
  { scope, rows }: LiveSlice,
): Promise<readonly KeptMatchRow[]> {
  const first = rows.at(0)
  const last = rows.at(-1)
  if (!first || !last) return []
  // Those of resources that are gone may be many.
  const most = 2 * rows.length
  const found =
    await session.runPrepared(sql<KeptMatchRow>`select ${keptMatchColumns} from ${tables.matches} m
    where ${ofScope('m', scope)} and m.external_id between ${exactText(first.externalId)} and ${exactText(last.externalId)}
    order by m.external_id limit ${most + 1}::bigint`)
  if (found.length <= most) return found
  const ids = session.arrays.text(rows.map(({ externalId }) => exactText(externalId)))
  return session.runPrepared(sql<KeptMatchRow>`select ${keptMatchColumns} from unnest(${ids}) as g(external_id)
    cross join lateral ${matchOf(tables, scope, sql.ref('g.external_id'))} m`)
}

/** The subjects of these ids, whatever their state. */
export async function subjectsOf(
  session: Session,
  tables: Tables,
  { scope, externalIds }: { readonly scope: Scope; readonly externalIds: readonly string[] },
): Promise<readonly MatchSubject[]> {
  const ids = session.arrays.text([...new Set(externalIds)].filter((id) => !id.includes('\0')))
  return read(
    session,
    { scope, attributes: true },
    sql`from unnest(${ids}) as g(external_id)
      left join ${tables.scopes} s on ${ofScope('s', scope)}
      left join lateral (select * from ${tables.rows} x
        where x.scope_id = s.id and x.external_id = g.external_id limit 1) r on true
      left join lateral ${matchOf(tables, scope, sql.ref('g.external_id'))} m on true
      where r.id is not null or m.id is not null`,
  )
}

/** Match rows of any connector of the tenant that hold one of the users. */
export async function linksOf(
  session: Session,
  tables: Tables,
  { userIds, tenantId }: Owner & { readonly userIds: readonly string[] },
): Promise<readonly UserLink[]> {
  const ids = session.arrays.text([...new Set(userIds)].filter((id) => !id.includes('\0')))
  const rows = await session.run(sql<UserLink>`select '=' || m.user_id as "userId",
      m.connector_id as "connectorId", m.resource_type as "resourceType", '=' || m.external_id as "externalId",
      exists (${liveRow(tables, 'm')}) as live
    from unnest(${ids}) as g(user_id)
      cross join lateral (select * from ${tables.matches} x where x.user_id = g.user_id offset 0) m
    where exists (${ofTenant(tables, 'm', tenantId)})`)
  return rows.map((row) => ({
    ...row,
    userId: exactText(row.userId),
    externalId: exactText(row.externalId),
  }))
}

/**
 * The row of a resource that is not stale, for the match rows called `name`; to be asked for with `exists`. `offset 0`
 * keeps it one look-up for each match row: it is never turned into a join.
 */
export const liveRow = (tables: Tables, name: string): RawBuilder<unknown> =>
  sql`select from (select y.stale_since from ${tables.rows} y
      where y.scope_id = (select x.id from ${tables.scopes} x
          where x.connector_id = ${sql.id(name, 'connector_id')} and x.resource_type = ${sql.id(name, 'resource_type')})
        and y.external_id = ${sql.id(name, 'external_id')} limit 1) y
    where y.stale_since is null offset 0`

/** The connector of the match rows called `name`, if it is the tenant's. `offset 0`: looked up for each row. */
export const ofTenant = (tables: Tables, name: string, tenantId: string): RawBuilder<unknown> =>
  sql`select from ${tables.connectors} k where k.id = ${sql.id(name, 'connector_id')}
    and k.tenant_id = ${tenantId} offset 0`

export const ofScope = (name: string, { connectorId, resourceType }: Scope): RawBuilder<unknown> =>
  sql`${sql.id(name, 'connector_id')} = ${connectorId} and ${sql.id(name, 'resource_type')} = ${resourceType}`

/** `limit 1` keeps the planner on the unique index, whatever its statistics say. */
const matchOf = (tables: Tables, scope: Scope, externalId: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select * from ${tables.matches} x where ${ofScope('x', scope)} and x.external_id = ${externalId} limit 1)`

async function read(
  session: Session,
  { scope, attributes }: { readonly scope: Scope; readonly attributes: boolean },
  from: RawBuilder<unknown>,
): Promise<readonly MatchSubject[]> {
  const rows = await session.runPrepared(sql<SubjectRow>`select ${subjectColumns({ attributes })} ${from}`)
  return rows.map((row) => toSubject(scope, row))
}
