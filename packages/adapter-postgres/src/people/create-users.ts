import { type CreatedUser, emailKey, type LocalUser, type NewUser, SyncError } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import type { DirectoryContext } from './directory-context.ts'
import { findByKeys, getUsers } from './find-users.ts'
import { tableOf } from './host-table.ts'
import type { HostUsers } from './user-table.ts'

/**
 * Makes users in one transaction: what their actions made before is answered, addresses that somebody has are
 * refused, the rest is inserted in one statement and noted in the same transaction. Makers wait for one another, so
 * that an address is not taken twice; a unique index of the host's keeps out whoever else makes users.
 */
export async function createUsers(
  session: Session,
  context: DirectoryContext,
  wanted: readonly NewUser[],
): Promise<readonly CreatedUser[]> {
  const { tables, users } = context
  const directory = directoryName(context)
  await session.run(sql`select pg_advisory_xact_lock(hashtextextended(
    ${JSON.stringify(['syncline users', tables.schema, directory])}, 0))`)
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
  const made = await insertUsers(session, context, [...rows.values()])
  // Who came in between, from outside, has the address now.
  const lost = [...rows].filter(([key]) => !made.has(key)).map(([, user]) => user)
  const takenSince = await takenEmails(session, context, lost)
  const refused = lost.find((user) => !takenSince.has(keyOf(user)))
  if (refused) throw insertRefused(users.target.name)
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
  context: DirectoryContext,
  actionIds: readonly string[],
): Promise<ReadonlyMap<string, LocalUser>> {
  const noted = await session.runPrepared(sql<{ actionId: string; userId: string }>`
    select a.action_id::text as "actionId", a.user_id as "userId" from ${context.tables.userActions} a
    where a.action_id = any(${session.arrays.uuid([...new Set(actionIds)])})
      and ${checked(sql`a.kind = 'create' and a.directory = ${directoryName(context)}`)}`)
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

/** Which of these addresses somebody has, folded. */
async function takenEmails(
  session: Session,
  context: DirectoryContext,
  users: readonly NewUser[],
): Promise<ReadonlySet<string>> {
  if (users.length === 0) return new Set()
  const values = [...new Set(users.map(keyOf))]
  const keys = values.map((value) => ({ value }))
  const hits = await findByKeys(session, context, { strategy: 'email', keys, perKey: 1 })
  return new Set(hits.flatMap(({ key }) => values[key] ?? []))
}

/**
 * Those that were inserted, by folded address. Rows that a unique index of the host's refuses are left out. Values
 * travel as JSON, which PostgreSQL makes the types of the host's columns of.
 */
async function insertUsers(
  session: Session,
  context: DirectoryContext,
  wanted: readonly NewUser[],
): Promise<ReadonlyMap<string, LocalUser>> {
  if (wanted.length === 0) return new Map()
  const { users, tables } = context
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
  await session.run(sql`insert into ${tables.userActions} (action_id, directory, kind, user_id, to_status)
    select g.action_id, ${directoryName(context)}, 'create', g.user_id, 'unconfirmed'
    from unnest(${arrays.uuid(noted.map(({ actionId }) => actionId))},
      ${arrays.text(noted.map(({ userId }) => userId))}) as g(action_id, user_id)
    on conflict (action_id) do update set user_id = excluded.user_id, at = excluded.at`)
  const found = await getUsers(
    session,
    context,
    noted.map(({ userId }) => userId),
  )
  const byId = new Map(found.map((user) => [user.userId, user]))
  return new Map(
    noted.flatMap(({ key, userId }) => {
      const user = byId.get(userId)
      return user ? [[key, user] as const] : []
    }),
  )
}

/** A new user as a row of the host's. */
const rowOf = (
  { targetColumns: columns, statuses, created }: HostUsers,
  { email, displayName }: NewUser,
): Readonly<Record<string, string | undefined>> => ({
  ...created,
  [columns.email]: email,
  ...(columns.displayName !== undefined && { [columns.displayName]: displayName }),
  ...(columns.status !== undefined && { [columns.status]: statuses.unconfirmed[0] }),
})

/** Under which name actions are noted: several tables of users may share a schema of ours. */
export const directoryName = ({ users }: Pick<DirectoryContext, 'users'>): string =>
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
