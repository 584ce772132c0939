import { openEmbeddedStore, openPostgresStore } from '@syncline/adapter-postgres'
import { isSyncError, type Store, SyncError } from '@syncline/core'
import type { SynclineConfig } from './config.ts'

/** Where the data is, by flags of the command line. They win over the file. */
export interface StoreFlags {
  readonly dataDir?: string | undefined
  readonly databaseUrl?: string | undefined
}

/** A PostgreSQL server that flags or file name. */
export interface ServerTarget {
  readonly connectionString: string
  readonly schema?: string | undefined
}

/** The server that a command works with; undefined for an embedded database and for a store of the file's own. */
export function serverOf(
  { store }: Pick<SynclineConfig, 'store'>,
  flags: StoreFlags,
): ServerTarget | undefined {
  const server = store && 'connectionString' in store ? store : undefined
  if (flags.databaseUrl !== undefined) return { connectionString: flags.databaseUrl, schema: server?.schema }
  return flags.dataDir === undefined ? server : undefined
}

/**
 * Opens the store. A server's schema is never changed here; an embedded database is brought up to date by opening it.
 * @throws SCHEMA_OUTDATED with the command that updates the schema
 */
export async function openStore(config: SynclineConfig, flags: StoreFlags): Promise<Store> {
  const { store } = config
  const server = serverOf(config, flags)
  if (server) return openPostgresStore(server).catch(withRemedy)
  if (flags.dataDir !== undefined) return openEmbeddedStore({ dataDir: flags.dataDir })
  if (typeof store === 'function') return store().catch(withRemedy)
  const folder = store && 'dataDir' in store ? store.dataDir : '.syncline'
  return openEmbeddedStore({ dataDir: folder })
}

/** An old schema is a command away; one of a newer release needs another version of the command line. */
function withRemedy(error: unknown): never {
  if (!isSyncError(error, 'SCHEMA_OUTDATED')) throw error
  const { version, wanted } = error.details ?? {}
  if (typeof version !== 'number' || typeof wanted !== 'number' || version > wanted) throw error
  const state = version === 0 ? 'has no tables of Syncline yet' : `has version ${version} of ${wanted}`
  throw new SyncError('SCHEMA_OUTDATED', `The database ${state}. Run: syncline migrate`, {
    cause: error,
    details: error.details ?? {},
  })
}
