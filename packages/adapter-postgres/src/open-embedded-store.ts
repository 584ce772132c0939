import { mkdir } from 'node:fs/promises'
import { type Store, SyncError } from '@syncline/core'
import type { SchemaOptions } from './connect-database.ts'
import { lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { toSyncError } from './pg-errors.ts'
import { postgresStore } from './postgres-store.ts'
import type { StoreOptions } from './store-options.ts'

export interface OpenEmbeddedStoreOptions extends SchemaOptions, StoreOptions {
  /** Folder to keep the data in, made when it is not there; one process at a time. @default none: in memory */
  readonly dataDir?: string | undefined
}

/**
 * Opens a store on PGlite, PostgreSQL within this process: for trials and tests. Its schema is brought up to date by
 * itself. Data survives a killed process but not always a power failure. Needs the package `@electric-sql/pglite`.
 * @throws OPTIONS_INVALID, STORE_UNAVAILABLE when another process has the folder open, SCHEMA_OUTDATED when a newer
 * release made the data
 */
export async function openEmbeddedStore(options: OpenEmbeddedStoreOptions = {}): Promise<Store> {
  const { PGlite } = await loadPglite()
  const unlock = await takeFolder(options.dataDir)
  const pglite = await PGlite.create(options.dataDir).catch(async (error: unknown) => {
    await unlock()
    throw toSyncError(error)
  })
  let ended: Promise<void> | undefined
  const closeAndUnlock = async (): Promise<void> => {
    try {
      await pglite.close()
    } finally {
      await unlock()
    }
  }
  const end = (): Promise<void> => {
    ended ??= closeAndUnlock()
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

/** Makes the folder, and those it is in, which PGlite does not, and keeps others out of it. */
async function takeFolder(dataDir: string | undefined): Promise<() => Promise<void>> {
  if (dataDir === undefined) return () => Promise.resolve()
  try {
    await mkdir(dataDir, { recursive: true })
    return await lockFolder(dataDir)
  } catch (error) {
    throw toSyncError(error)
  }
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
