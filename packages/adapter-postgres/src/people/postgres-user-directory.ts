import type { UserDirectory } from '@syncline/core'
import { withHashJoins } from '../along-indexes.ts'
import { connectDatabase, type DatabaseOptions } from '../connect-database.ts'
import type { Session } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import { changeStatus } from './change-status.ts'
import { createdBefore, createUsers } from './create-users.ts'
import { type DirectoryContext, type DirectoryTypes, directoryOf, readTypes } from './directory-context.ts'
import { findByKeys, getUsers } from './find-users.ts'
import { perTenant } from './per-tenant.ts'
import { ownUserTable, parseUserTable, type UserTable } from './user-table.ts'

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
 * that changes a user. Give the host's table the index that `userIndexes` names, or look-ups read all of it. A table
 * without a tenant column serves one tenant: see `UserTable.onlyTenant`.
 * @throws OPTIONS_INVALID
 */
export function postgresUserDirectory<HostTables = unknown>(
  options: PostgresUserDirectoryOptions<HostTables>,
): PostgresUserDirectory {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const users = parseUserTable(options.users ?? ownUserTable(tables.schema))
  let known: DirectoryTypes | undefined
  const context: DirectoryContext = {
    database,
    tables,
    users,
    types: async (session) => (known ??= await readTypes(session, users)),
  }
  const within = <Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> =>
    database.write(async (session) => {
      await context.types(session)
      await session.alongIndexes()
      if (options.users) await session.run(withHashJoins)
      return work(session)
    })
  const of = (session: Session, tenantId: string) => directoryOf(session, context, tenantId)
  return {
    findByKeys: ({ tenantId, ...lookup }) =>
      within(async (session) => findByKeys(session, await of(session, tenantId), lookup)),
    get: (userIds, { tenantId }) =>
      within(async (session) => getUsers(session, await of(session, tenantId), userIds)),
    create: (wanted) =>
      within((session) =>
        perTenant(wanted, async (tenantId, own) => createUsers(session, await of(session, tenantId), own)),
      ),
    createdBy: (actionIds, { tenantId }) =>
      within(async (session) => {
        const made = await createdBefore(session, await of(session, tenantId), actionIds)
        return [...made].map(([actionId, user]) => ({ actionId, user }))
      }),
    changeStatus: (changes) =>
      within((session) =>
        perTenant(changes, async (tenantId, own) => changeStatus(session, await of(session, tenantId), own)),
      ),
    async close() {
      disconnect()
    },
  }
}
