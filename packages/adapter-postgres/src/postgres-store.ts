import { createUuidV7, type Store } from '@syncline/core'
import { changeLog } from './changes.ts'
import { syncConfigStore } from './configs.ts'
import { connectDatabase, type DatabaseOptions } from './connect-database.ts'
import { connectorStore } from './connectors.ts'
import type { StoreContext } from './context.ts'
import { quarantineStore } from './quarantine.ts'
import { resourceStore } from './resources/resource-store.ts'
import { runStore } from './runs/run-store.ts'
import { checkVersion } from './schema-version.ts'

export interface StoreOptions {
  /** Makes resource ids, which must be UUIDs; ids that grow keep the index compact. @default UUID v7 */
  readonly ids?: (() => string) | undefined
}

export type PostgresStoreOptions<HostTables = unknown> = DatabaseOptions<HostTables> & StoreOptions

/**
 * A store on a database of the host's, PostgreSQL 15 or later or PGlite. Nothing is opened and nothing of the
 * host's is closed. The schema must have been brought up to date with `migrate`: every method throws
 * SCHEMA_OUTDATED until it is.
 * @throws OPTIONS_INVALID
 */
export function postgresStore<HostTables = unknown>(options: PostgresStoreOptions<HostTables>): Store {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const context: StoreContext = { database, tables, createId: options.ids ?? createUuidV7() }
  return {
    connectors: connectorStore(context),
    configs: syncConfigStore(context),
    runs: runStore(context),
    resources: resourceStore(context),
    changes: changeLog(context),
    quarantine: quarantineStore(context),
    async close() {
      disconnect()
    },
  }
}
