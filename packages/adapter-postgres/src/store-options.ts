import type { DatabaseOptions } from './connect-database.ts'

export interface StoreOptions {
  /** Makes resource ids, which must be UUIDs; ids that grow keep the index compact. @default UUID v7 */
  readonly ids?: (() => string) | undefined
}

export type PostgresStoreOptions<HostTables = unknown> = DatabaseOptions<HostTables> & StoreOptions
