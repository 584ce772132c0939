import type { Database, Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import type { IdColumn } from './host-table.ts'
import type { HostUsers } from './user-table.ts'

/** What every part of the user directory works with. */
export interface DirectoryContext {
  readonly database: Database
  readonly tables: Tables
  readonly users: HostUsers
  /** How ids are compared; the catalogue is asked once. */
  readonly idColumn: (session: Session) => Promise<IdColumn>
}
