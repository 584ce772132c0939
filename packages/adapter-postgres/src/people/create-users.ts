import { type CreatedUser, emailKey, type LocalUser, type NewUser, SyncError } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import { exactText } from '../values.ts'
import type { TenantDirectory } from './directory-context.ts'
import { findByKeys, getUsers } from './find-users.ts'
import { tableOf } from './host-table.ts'
import type { HostUsers } from './user-table.ts'

/**
 * Makes users of a tenant in one transaction: what their actions made before is answered, addresses that somebody has are
 * refused, the rest is inserted in one statement and noted in the same transaction. Makers wait for one another, so
 * that an address is not taken twice; a unique index of the host's keeps out whoever else makes users.
 */
export async function createUsers(
  session: Session,
  context: TenantDirectory,
  wanted: readonly NewUser[],
): Promise<readonly CreatedUser[]> {
  const { tables, users, tenantId } = context
  const directory = directoryName(context)
  await session.run(sql`select pg_advisory_xact_lock(hashtextextended(
    ${JSON.stringify(['syncline users', tables.schema, directory, tenantId])}, 0))`)
  const before = await createdBefore(
    session,
    context,
    wanted.map(({ actionId }) => actionId),
  )
  const open = wanted.filter(({ actionId }) => !before.has(actionId))
  const taken = await takenEmails(session, context, open)
  const rows = new Map<string, NewUser>()
  for (const user of open) {
    const key = keyOf(user)
    if (!taken.has(key) && !rows.has(key)) rows.set(key, user)
  }
  const { made, refused } = await insertUsers(session, context, [...rows.values()])
  const takenSince = await takenAnywhere(session, context, refused)
  const isExplained = (user: NewUser): boolean => made.has(keyOf(user)) || takenSince.has(keyOf(user))
  if (![...rows.values()].every(isExplained)) throw insertRefused(users.target.name)
  return wanted.map(({ actionId, email }): CreatedUser => {
    const user = before.get(actionId)
    if (user) return { actionId, kind: 'created', user }
    const key = keyOf({ email })
    const own = rows.get(key)?.actionId === actionId ? made.get(key) : undefined
    return own ? { actionId, kind: 'created', user: own } : { actionId, kind: 'email_taken' }
  })
}

/** Users that actions made, as they are now, by action. */
export async function createdBefore(
  session: Session,
  context: TenantDirectory,
  actionIds: readonly string[],
): Promise<ReadonlyMap<string, LocalUser>> {
  const noted = await session.runPrepared(sql<{ actionId: string; userId: string }>`
    select a.action_id::text as "actionId", a.user_id as "userId" from ${context.tables.userActions} a
    where a.action_id = any(${session.arrays.uuid([...new Set(actionIds)])}) and ${checked(
      sql`a.kind = 'create' and a.directory = ${directoryName(context)} and a.tenant_id = ${context.tenantId}`,
    )}`)
  const found = await getUsers(
    session,
    context,
    noted.map(({ userId }) => userId),
  )
  const byId = new Map(found.map((user) => [user.userId, user]))
  return new Map(
    noted.flatMap(({ actionId, userId }) => {
      const user = byId.get(userId)
      return user ? [[actionId, user] as const] : []
    }),
  )
}

/** Which of these addresses a user of the tenant has, folded. */
async function takenEmails(
  session: Session,
  context: TenantDirectory,
  users: readonly NewUser[],
): Promise<ReadonlySet<string>> {
  if (users.length === 0) return new Set()
  const values = [...new Set(users.map(keyOf))]
  const keys = values.map((value) => ({ value }))
  const hits = await findByKeys(session, context, { strategy: 'email', keys, perKey: 1 })
  return new Set(hits.flatMap(({ key }) => values[key] ?? []))
}

/**
 * Which of the addresses that were refused has a user, folded: of the tenant, since the host may make users at the same
 * time, or of any tenant, where the host's unique index spans them.
 */
async function takenAnywhere(
  session: Session,
  context: TenantDirectory,
  refused: readonly NewUser[],
): Promise<ReadonlySet<string>> {
  if (refused.length === 0) return new Set()
  const taken = await takenEmails(session, context, refused)
  const { users, tables } = context
  const email = sql`${sql.id(tables.schema, 'match_text')}(${sql.id('u', users.targetColumns.email)}::text)`
  const rows = await session.run(sql<{ key: string }>`select '=' || g.key as key
    from unnest(${session.arrays.text(refused.map(keyOf))}) as g(key)
    where exists (select from ${tableOf(users.target)} u where (${email} collate "C") = g.key)`)
  return new Set([...taken, ...rows.map(({ key }) => exactText(key))])
}

interface InsertedUsers {
  /** By folded address. */
  readonly made: ReadonlyMap<string, LocalUser>
  /** Those that a unique index of the host's refused. */
  readonly refused: readonly NewUser[]
}

/** Values travel as JSON, which PostgreSQL makes the types of the host's columns of. */
async function insertUsers(
  session: Session,
  context: TenantDirectory,
  wanted: readonly NewUser[],
): Promise<InsertedUsers> {
  if (wanted.length === 0) return { made: new Map(), refused: [] }
  const { users, tables, tenantId } = context
  const { targetColumns: columns, target } = users
  const rows = wanted.map((user) => rowOf(users, user))
  const names = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.id(name)))
  const inserted = await session.run(sql<{ userId: string; email: string }>`
    insert into ${tableOf(target)} as u (${names})
    select ${names} from json_populate_recordset(null::${tableOf(target)}, ${JSON.stringify(rows)}::json)
    on conflict do nothing
    returning ${sql.id('u', columns.id)}::text as "userId", ${sql.id('u', columns.email)}::text as email`)
  const idByKey = new Map(inserted.map(({ userId, email }) => [emailKey(email) ?? email, userId]))
  const noted = wanted.flatMap((user) => {
    const userId = idByKey.get(keyOf(user))
    return userId === undefined ? [] : [{ actionId: user.actionId, userId, key: keyOf(user) }]
  })
  const { arrays } = session
  // The host may have removed for good whom the action made before.
  await session.run(sql`insert into ${tables.userActions} (action_id, directory, tenant_id, kind, user_id, to_status)
    select g.action_id, ${directoryName(context)}, ${tenantId}, 'create', g.user_id, 'unconfirmed'
    from unnest(${arrays.uuid(noted.map(({ actionId }) => actionId))},
      ${arrays.text(noted.map(({ userId }) => userId))}) as g(action_id, user_id)
    on conflict (directory, tenant_id, action_id) do update set user_id = excluded.user_id, at = excluded.at`)
  const found = await getUsers(
    session,
    context,
    noted.map(({ userId }) => userId),
  )
  const byId = new Map(found.map((user) => [user.userId, user]))
  const made = new Map(
    noted.flatMap(({ key, userId }) => {
      const user = byId.get(userId)
      return user ? [[key, user] as const] : []
    }),
  )
  return { made, refused: wanted.filter((user) => !idByKey.has(keyOf(user))) }
}

/** A new user as a row of the host's. */
const rowOf = (
  { targetColumns: columns, statuses, created }: HostUsers,
  { tenantId, email, displayName }: NewUser,
): Readonly<Record<string, string | undefined>> => ({
  ...created,
  ...(columns.tenantId !== undefined && { [columns.tenantId]: tenantId }),
  [columns.email]: email,
  ...(columns.displayName !== undefined && { [columns.displayName]: displayName }),
  ...(columns.status !== undefined && { [columns.status]: statuses.unconfirmed[0] }),
})

/** Under which name actions are noted: several tables of users may share a schema of ours. */
export const directoryName = ({ users }: Pick<TenantDirectory, 'users'>): string =>
  JSON.stringify([users.target.schema, users.target.name])

/** @throws USER_DIRECTORY_FAILED for what is no address */
const keyOf = ({ email }: Pick<NewUser, 'email'>): string => {
  const key = emailKey(email)
  if (key !== undefined) return key
  throw new SyncError(
    'USER_DIRECTORY_FAILED',
    `${JSON.stringify(email)} is no e-mail address; no user was made`,
  )
}

const insertRefused = (table: string): SyncError =>
  new SyncError(
    'STORE_FAILED',
    `A new user was not taken into ${table}, or is not to be seen afterwards: a unique index other than that of the e-mail refused it, or the source leaves it out; see "created"`,
    { details: { table } },
  )
