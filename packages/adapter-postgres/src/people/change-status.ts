import type { StatusChange, StatusChanged, UserStatus } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import { optionalText } from '../values.ts'
import { directoryName } from './create-users.ts'
import type { TenantDirectory } from './directory-context.ts'
import { tableOf } from './host-table.ts'
import { keyTable } from './tenant-column.ts'
import { statusOf } from './user-row.ts'
import type { HostUsers } from './user-table.ts'

/** A user while its changes are gone through. */
interface Standing {
  status: UserStatus
  /** What the status column says. */
  value: string | undefined
}

/** A change that is made, as it is noted. */
interface Noted extends StatusChange {
  readonly from: UserStatus
  /** What the status column said. */
  readonly fromValue: string | undefined
  readonly to: UserStatus
}

/**
 * Soft-deletes users of a tenant and brings them back, in one transaction: rows are locked, what each action does is noted beside
 * it, and a user comes back with the very value its status had. An action that is noted already changes nothing.
 */
export async function changeStatus(
  session: Session,
  context: TenantDirectory,
  changes: readonly StatusChange[],
): Promise<readonly StatusChanged[]> {
  const done = await noted(session, context, changes)
  const open = changes.filter(({ actionId }) => !done.has(actionId))
  const users = await lockUsers(session, context, open)
  const back = await statusesBefore(session, context, open)
  const made: Noted[] = []
  const answers = changes.map(({ tenantId, actionId, userId, kind }): StatusChanged => {
    const before = done.get(actionId)
    if (before) return { actionId, kind: 'changed', ...before }
    const user = users.get(userId)
    if (!user) return { actionId, kind: 'missing' }
    const { status: from, value: fromValue } = user
    if ((from === 'deactivated') === (kind === 'deactivate'))
      return { actionId, kind: 'same', from, to: from }
    const { status: to, value } =
      kind === 'deactivate' ? closed(context) : reopened(context, back.get(userId))
    if (kind === 'deactivate') back.set(userId, { status: from, value: fromValue })
    Object.assign(user, { status: to, value })
    const change: Noted = { tenantId, actionId, userId, kind, from, fromValue, to }
    // The same action twice in one call.
    done.set(actionId, { from, to })
    made.push(change)
    return { actionId, kind: 'changed', from, to }
  })
  const changed = new Set(made.map(({ userId }) => userId))
  await writeStatuses(
    session,
    context,
    [...users].filter(([userId]) => changed.has(userId)),
  )
  await note(session, context, made)
  return answers
}

const closed = ({ users: { targetColumns, statuses } }: TenantDirectory): Standing => ({
  status: 'deactivated',
  value: targetColumns.status === undefined ? undefined : statuses.deactivated[0],
})

const reopened = ({ users: { statuses } }: TenantDirectory, before: Standing | undefined): Standing =>
  before ?? { status: 'active', value: statuses.active[0] }

/** What these actions did before. */
async function noted(
  session: Session,
  context: TenantDirectory,
  changes: readonly StatusChange[],
): Promise<Map<string, { readonly from: UserStatus; readonly to: UserStatus }>> {
  const ids = session.arrays.uuid([...new Set(changes.map(({ actionId }) => actionId))])
  const rows = await session.run(sql<{ actionId: string; from: UserStatus; to: UserStatus }>`
    select a.action_id::text as "actionId", a.from_status as "from", a.to_status as "to"
    from ${context.tables.userActions} a
    where a.action_id = any(${ids}) and ${checked(
      sql`a.kind <> 'create' and a.directory = ${directoryName(context)} and a.tenant_id = ${context.tenantId}`,
    )}`)
  return new Map(rows.map(({ actionId, from, to }) => [actionId, { from, to }]))
}

/** In the order of their ids: two that change the same users never wait for each other. */
async function lockUsers(
  session: Session,
  context: TenantDirectory,
  changes: readonly StatusChange[],
): Promise<ReadonlyMap<string, Standing>> {
  const { users, id } = context
  const ids = [...new Set(changes.map(({ userId }) => userId))].filter(id.isPossible)
  if (ids.length === 0) return new Map()
  const { targetColumns: columns, target } = users
  const value = columns.status === undefined ? sql`null` : sql`('=' || ${sql.id('u', columns.status)}::text)`
  const rows = await session.run(sql<{ userId: string; status: UserStatus; value: string | null }>`
    select ${idOf(users)}::text as "userId", ${statusOf(columns, users.statuses)} as status, ${value} as value
    from ${tableOf(target)} u
    where ${isOneOf(session, context, ids)} and ${isShown(context)}
    order by ${idOf(users)} for update of u`)
  return new Map(rows.map((row) => [row.userId, { status: row.status, value: optionalText(row.value) }]))
}

/** What users were before they were last deactivated here. */
async function statusesBefore(
  session: Session,
  context: TenantDirectory,
  changes: readonly StatusChange[],
): Promise<Map<string, Standing>> {
  const ids = changes.filter(({ kind }) => kind === 'reactivate').map(({ userId }) => userId)
  if (ids.length === 0) return new Map()
  const rows = await session.run(sql<{ userId: string; status: UserStatus; value: string | null }>`
    select g.user_id as "userId", a.from_status as status, '=' || a.from_value as value
    from unnest(${session.arrays.text([...new Set(ids)])}) as g(user_id)
    cross join lateral (select x.from_status, x.from_value from ${context.tables.userActions} x
      where x.directory = ${directoryName(context)} and x.tenant_id = ${context.tenantId} and x.user_id = g.user_id
        and ${checked(sql`x.kind = 'deactivate'`)}
      order by x.ordinal desc limit 1) a`)
  return new Map(rows.map((row) => [row.userId, { status: row.status, value: optionalText(row.value) }]))
}

/** One statement for each value that is written: PostgreSQL makes the column's type of it. */
async function writeStatuses(
  session: Session,
  context: TenantDirectory,
  changed: readonly (readonly [string, Standing])[],
): Promise<void> {
  const { targetColumns: columns, target } = context.users
  const groups = Map.groupBy(changed, ([, { status, value }]) => JSON.stringify([status, value]))
  for (const members of groups.values()) {
    const [first] = members
    if (!first) continue
    const [, { status, value }] = first
    const sets: RawBuilder<unknown>[] = []
    if (columns.status !== undefined) sets.push(sql`${sql.id(columns.status)} = ${value ?? null}`)
    if (columns.deactivatedAt !== undefined)
      sets.push(
        sql`${sql.id(columns.deactivatedAt)} = ${status === 'deactivated' ? sql`statement_timestamp()` : sql`null`}`,
      )
    const ids = members.map(([userId]) => userId)
    await session.run(sql`update ${tableOf(target)} as u set ${sql.join(sets)}
      where ${isOneOf(session, context, ids)}`)
  }
}

async function note(session: Session, context: TenantDirectory, made: readonly Noted[]): Promise<void> {
  if (made.length === 0) return
  const { arrays } = session
  const texts = (field: (change: Noted) => string | undefined) =>
    arrays.text(made.map((change) => field(change) ?? null))
  await session.run(sql`insert into ${context.tables.userActions}
      (action_id, directory, tenant_id, kind, user_id, from_status, from_value, to_status)
    select g.action_id, ${directoryName(context)}, ${context.tenantId}, g.kind, g.user_id, g.from_status, g.from_value, g.to_status
    from unnest(${arrays.uuid(made.map(({ actionId }) => actionId))}, ${texts(({ kind }) => kind)},
      ${texts(({ userId }) => userId)}, ${texts(({ from }) => from)}, ${texts(({ fromValue }) => fromValue)},
      ${texts(({ to }) => to)}) with ordinality
      as g(action_id, kind, user_id, from_status, from_value, to_status, place) order by g.place`)
}

const idOf = ({ targetColumns }: HostUsers): RawBuilder<unknown> => sql.id('u', targetColumns.id)

/** The users of these ids, of the tenant only. */
const isOneOf = (
  { arrays }: Session,
  { users, id, targetTenant: tenant }: TenantDirectory,
  ids: readonly string[],
): RawBuilder<unknown> => {
  const { tenantId } = users.targetColumns
  const keys = keyTable({ rows: sql`unnest(${arrays.text(ids)})`, names: sql`id`, tenant })
  const idOfKey = id.ofText(sql.ref('g.id'))
  return tenantId === undefined
    ? sql`${idOf(users)} in (select ${idOfKey} from ${keys})`
    : sql`(${idOf(users)}, ${sql.id('u', tenantId)}) in (select ${idOfKey}, g.tenant from ${keys})`
}

/** A user that the source does not show must not be changed. */
const isShown = ({ users, tenant }: TenantDirectory): RawBuilder<unknown> => {
  const { source, columns, target, targetColumns } = users
  const ofTenant =
    columns.tenantId === undefined ? sql`` : sql`and ${sql.id('s', columns.tenantId)} = ${tenant}`
  return source.schema === target.schema && source.name === target.name
    ? sql`true`
    : sql`exists (select from ${tableOf(source)} s
        where ${sql.id('s', columns.id)} = ${sql.id('u', targetColumns.id)} ${ofTenant})`
}
