import { mkdir } from 'node:fs/promises'
import { type Store, SyncError } from '@syncline/core'
import type { SchemaOptions } from './connect-database.ts'
import { migrate } from './migrate.ts'
import { toSyncError } from './pg-errors.ts'
import { postgresStore, type StoreOptions } from './postgres-store.ts'

export interface OpenEmbeddedStoreOptions extends SchemaOptions, StoreOptions {
  /** Folder to keep the data in, made when it is not there; one process at a time. @default none: in memory */
  readonly dataDir?: string | undefined
}

/**
 * Opens a store on PGlite, PostgreSQL within this process: for trials and tests. Its schema is brought up to date by
 * itself. Data survives a killed process but not always a power failure. Needs the package `@electric-sql/pglite`.
 * @throws OPTIONS_INVALID, STORE_UNAVAILABLE, SCHEMA_OUTDATED when a newer release made the data
 */
export async function openEmbeddedStore(options: OpenEmbeddedStoreOptions = {}): Promise<Store> {
  const { PGlite } = await loadPglite()
  const pglite = await createFolder(options.dataDir)
    .then(() => PGlite.create(options.dataDir))
    .catch((error: unknown) => {
      throw toSyncError(error)
    })
  let ended: Promise<void> | undefined
  const end = (): Promise<void> => {
    ended ??= pglite.close()
    return ended
  }
  try {
    const database = { pglite, schema: options.schema }
    await migrate(database)
    const store = postgresStore({ ...database, ids: options.ids })
    await store.connectors.get('')
    return { ...store, close: end }
  } catch (error) {
    await end()
    throw toSyncError(error)
  }
}

/** PGlite makes the folder, but not those it is in. */
async function createFolder(dataDir: string | undefined): Promise<void> {
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true })
}

async function loadPglite() {
  try {
    return await import('@electric-sql/pglite')
  } catch (cause) {
    throw new SyncError(
      'OPTIONS_INVALID',
      'openEmbeddedStore needs the package @electric-sql/pglite; run: npm install @electric-sql/pglite',
      { cause },
    )
  }
}
