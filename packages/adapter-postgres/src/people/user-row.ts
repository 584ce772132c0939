import { defaultTenantId, type LocalUser, type UserStatus } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { exactText } from '../values.ts'
import type { ChangeableColumns, HostUsers } from './user-table.ts'

/** A user as the database answers it. */
export interface UserRow {
  readonly userId: string
  readonly tenantId: string | null
  readonly status: UserStatus
  readonly email: string | null
  readonly sub: string | null
  readonly upstreamId: string | null
  readonly upstreamIssuer: string | null
}

/** Columns of a `UserRow`, of the source called `u`. */
export function userColumns({ columns, statuses, onlyTenant }: HostUsers): RawBuilder<unknown> {
  const text = (column: string | undefined): RawBuilder<unknown> =>
    column === undefined ? sql`null::text` : sql`('=' || ${sql.id('u', column)}::text)`
  const tenant =
    columns.tenantId === undefined && onlyTenant !== undefined
      ? sql`'=' || ${onlyTenant}::text`
      : text(columns.tenantId)
  return sql`${text(columns.id)} as "userId", ${tenant} as "tenantId", ${statusOf(columns, statuses)} as status,
    ${text(columns.email)} as email, ${text(columns.sub)} as sub, ${text(columns.upstreamId)} as "upstreamId",
    ${text(columns.upstreamIssuer)} as "upstreamIssuer"`
}

/** The status of a row `u` that has these columns. */
export function statusOf(
  { status, deactivatedAt }: Pick<ChangeableColumns, 'status' | 'deactivatedAt'>,
  statuses: HostUsers['statuses'],
): RawBuilder<unknown> {
  const cases: RawBuilder<unknown>[] = []
  if (deactivatedAt !== undefined)
    cases.push(sql`when ${sql.id('u', deactivatedAt)} is not null then 'deactivated'`)
  if (status !== undefined) {
    for (const one of ['deactivated', 'unconfirmed'] as const) {
      cases.push(sql`when ${sql.id('u', status)}::text in (${sql.join(statuses[one])}) then ${sql.lit(one)}`)
    }
  }
  return sql`case ${sql.join(cases, sql` `)} else 'active' end`
}

/** Field by field, since thousands are read at once. A null tenant is no tenant: core refuses it for any but 'default'. */
export function toUser(row: UserRow): LocalUser {
  const user: { -readonly [Field in keyof LocalUser]: LocalUser[Field] } = {
    userId: exactText(row.userId),
    status: row.status,
  }
  const tenantId = row.tenantId === null ? defaultTenantId : exactText(row.tenantId)
  if (tenantId !== defaultTenantId) user.tenantId = tenantId
  if (row.email !== null) user.email = exactText(row.email)
  if (row.sub !== null) user.sub = exactText(row.sub)
  if (row.upstreamId !== null) user.upstreamId = exactText(row.upstreamId)
  if (row.upstreamIssuer !== null) user.upstreamIssuer = exactText(row.upstreamIssuer)
  return user
}
