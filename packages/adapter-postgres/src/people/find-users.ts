import type { KeyHit, KeyLookup, LocalUser, MatchStrategy, UserKey } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { TenantDirectory } from './directory-context.ts'
import { tableOf } from './host-table.ts'
import { andTenantOf, keyTable } from './tenant-column.ts'
import { statusOf, toUser, type UserRow, userColumns } from './user-row.ts'
import type { HostUsers } from './user-table.ts'

/**
 * Users by their keys, in one join with the keys as arrays: their number has no limit. Where the column of a strategy
 * is not mapped, nobody is found by it. Nearly every key has one user at most; ranking is for those that have more,
 * since it costs as much as the join.
 */
export async function findByKeys(
  session: Session,
  { tables, users, tenant }: TenantDirectory,
  { strategy, keys, perKey }: Omit<KeyLookup, 'tenantId'>,
): Promise<readonly KeyHit[]> {
  const given = keys.map((key, place): GivenKey => ({ key, place })).filter(canBeStored)
  const compared = comparedWith(strategy, users, tables.schema)
  if (!compared || given.length === 0) return []
  const found = await joined(session, { users, tenant, compared, given })
  if (found.length > mostHits(given)) return ranked(session, { users, tenant, compared, given, perKey })
  const places = new Set<number>()
  const shared = new Set<number>()
  for (const { key } of found) (places.has(key) ? shared : places).add(key)
  if (shared.size === 0) return found
  return [
    ...found.filter(({ key }) => !shared.has(key)),
    ...(await ranked(session, {
      users,
      tenant,
      compared,
      given: given.filter(({ place }) => shared.has(place)),
      perKey,
    })),
  ]
}

/** A key that can be in a column, and its place among those that were asked for. */
interface GivenKey {
  readonly key: UserKey
  readonly place: number
}

interface Join extends Pick<TenantDirectory, 'users' | 'tenant'> {
  readonly compared: Compared
  readonly given: readonly GivenKey[]
}

interface HitRow extends UserRow {
  readonly place: number
}

/** A key that thousands have must not fill the memory. */
const mostHits = (given: readonly GivenKey[]): number => 2 * given.length

/** Who has one of the keys, but no more than one above `mostHits`. */
async function joined(session: Session, join: Join): Promise<readonly KeyHit[]> {
  const rows = await session.runPrepared(sql<HitRow>`select g.place::int as place, ${userColumns(join.users)}
    from ${joinOf(session, join)} limit ${mostHits(join.given) + 1}::bigint`)
  return hitsOf(join, rows)
}

/** At most `perKey` for each key, those first that count first. */
async function ranked(
  session: Session,
  { perKey, ...join }: Join & Pick<KeyLookup, 'perKey'>,
): Promise<readonly KeyHit[]> {
  const { users } = join
  const rows = await session.runPrepared(sql<HitRow>`
    select h.* from (
      select g.place::int as place, ${userColumns(users)}, row_number() over (partition by g.place
        order by ${statusOf(users.columns, users.statuses)} = 'deactivated', ${idOf(users)}::text collate "C") as hit
      from ${joinOf(session, join)}
    ) h where h.hit <= ${perKey}::bigint order by h.place, h.hit`)
  return hitsOf(join, rows)
}

function joinOf({ arrays }: Session, { users, tenant, compared, given }: Join): RawBuilder<unknown> {
  const values = arrays.text(given.map(({ key }) => key.value))
  const source = sql`join ${tableOf(users.source)} u
    on ${compared.value} = g.value ${andTenantOf('u', users.columns.tenantId)}`
  if (!compared.issuer) {
    const rows = sql`unnest(${values}) with ordinality`
    return sql`${keyTable({ rows, names: sql`value, place`, tenant })} ${source}`
  }
  const issuers = arrays.text(given.map(({ key }) => key.issuer ?? null))
  const rows = sql`unnest(${values}, ${issuers}) with ordinality`
  return sql`${keyTable({ rows, names: sql`value, issuer, place`, tenant })} ${source}
    and ${compared.issuer} = g.issuer`
}

const hitsOf = ({ given }: Join, rows: readonly HitRow[]): readonly KeyHit[] =>
  rows.flatMap((row) => {
    const one = given[row.place - 1]
    return one ? { key: one.place, user: toUser(row) } : []
  })

/** Users of the tenant by id, in any order. */
export async function getUsers(
  session: Session,
  { users, id, tenant }: TenantDirectory,
  userIds: readonly string[],
): Promise<readonly LocalUser[]> {
  const possible = [...new Set(userIds)].filter(id.isPossible)
  if (possible.length === 0) return []
  const rows = await session.runPrepared(sql<UserRow>`select ${userColumns(users)}
    from ${keyTable({ rows: sql`unnest(${session.arrays.text(possible)})`, names: sql`id`, tenant })}
    join ${tableOf(users.source)} u on ${idOf(users)} = ${id.ofText(sql.ref('g.id'))}
      ${andTenantOf('u', users.columns.tenantId)}`)
  return rows.map(toUser)
}

const idOf = ({ columns }: HostUsers): RawBuilder<unknown> => sql.id('u', columns.id)

/** A column of users, in the form in which it is compared: an index on just this is used. */
const foldedColumn = (schema: string, column: string): RawBuilder<unknown> =>
  sql`(${sql.id(schema, 'match_text')}(${sql.id('u', column)}::text) collate "C")`

interface Compared {
  readonly value: RawBuilder<unknown>
  readonly issuer?: RawBuilder<unknown> | undefined
}

/** What keys of a strategy are compared with. */
function comparedWith(strategy: MatchStrategy, { columns }: HostUsers, schema: string): Compared | undefined {
  const exact = (column: string | undefined): Compared | undefined =>
    column === undefined ? undefined : { value: sql`${sql.id('u', column)}::text` }
  const { email, sub, upstreamId, upstreamIssuer } = columns
  const value = foldedColumn(schema, email)
  const ways: Readonly<Record<MatchStrategy, Compared | undefined>> = {
    email: { value },
    email_and_issuer:
      upstreamIssuer === undefined ? undefined : { value, issuer: foldedColumn(schema, upstreamIssuer) },
    upstream_identity: exact(upstreamId),
    external_id: exact(sub),
  }
  return ways[strategy]
}

/** What cannot be stored is in no column. */
const canBeStored = ({ key: { value, issuer = '' } }: GivenKey): boolean =>
  !value.includes('\0') && !issuer.includes('\0')
