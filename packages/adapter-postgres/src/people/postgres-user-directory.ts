import type { UserDirectory } from '@syncline/core'
import { withHashJoins } from '../along-indexes.ts'
import { connectDatabase, type DatabaseOptions } from '../connect-database.ts'
import type { Session } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import { changeStatus } from './change-status.ts'
import { createdBefore, createUsers } from './create-users.ts'
import type { DirectoryContext } from './directory-context.ts'
import { findByKeys, getUsers } from './find-users.ts'
import { type IdColumn, readIdColumn, requireColumns } from './host-table.ts'
import { type HostUsers, ownUserTable, parseUserTable, type UserTable } from './user-table.ts'

export type PostgresUserDirectoryOptions<HostTables = unknown> = DatabaseOptions<HostTables> & {
  /** The host's own table or view of users. @default the table `local_user` of the schema */
  readonly users?: UserTable | undefined
}

/** A user directory, and what takes it off the host's database. */
export interface PostgresUserDirectory extends UserDirectory {
  /** Nothing of the host's is closed. */
  close(): Promise<void>
}

/**
 * The host's users in PostgreSQL or PGlite: in a table or view of the host's by the names of its columns, or in a
 * table of ours. Needs the schema, see `migrate`, in the same database: actions are noted there in the transaction
 * that changes a user. Give the host's table the index that `userIndexes` names, or look-ups read all of it.
 * @throws OPTIONS_INVALID
 */
export function postgresUserDirectory<HostTables = unknown>(
  options: PostgresUserDirectoryOptions<HostTables>,
): PostgresUserDirectory {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const users = parseUserTable(options.users ?? ownUserTable(tables.schema))
  let column: IdColumn | undefined
  const context: DirectoryContext = {
    database,
    tables,
    users,
    idColumn: async (session) => (column ??= await readUserId(session, users)),
  }
  const within = <Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> =>
    database.write(async (session) => {
      await context.idColumn(session)
      await session.alongIndexes()
      if (options.users) await session.run(withHashJoins)
      return work(session)
    })
  return {
    findByKeys: (lookup) => within((session) => findByKeys(session, context, lookup)),
    get: (userIds) => within((session) => getUsers(session, context, userIds)),
    create: (wanted) => within((session) => createUsers(session, context, wanted)),
    createdBy: (actionIds) =>
      within(async (session) => {
        const made = await createdBefore(session, context, actionIds)
        return [...made].map(([actionId, user]) => ({ actionId, user }))
      }),
    changeStatus: (changes) => within((session) => changeStatus(session, context, changes)),
    async close() {
      disconnect()
    },
  }
}

/** The catalogue is asked once, before the first statement that needs what is in it. @throws OPTIONS_INVALID */
async function readUserId(
  session: Session,
  { source, columns, target, targetColumns, created }: HostUsers,
): Promise<IdColumn> {
  await requireColumns(session, target, [...Object.values(targetColumns), ...Object.keys(created)])
  return readIdColumn(session, source, { id: columns.id, others: Object.values(columns) })
}
