import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

/** What every part of the store works with. */
export interface StoreContext {
  readonly database: Database
  readonly tables: Tables
  /** Makes resource ids: UUIDs. */
  readonly createId: () => string
}
