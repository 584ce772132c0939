import { mkdir } from 'node:fs/promises'
import { type Store, SyncError, systemClock } from '@syncline/core'
import type { FileLock } from '@syncline/core/locking'
import type { PGliteInstance, SchemaOptions } from './connect-database.ts'
import { folderLost, lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { isMissingPackage } from './missing-package.ts'
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
  const { dataDir } = options
  const lock = dataDir === undefined ? undefined : await takeFolder(dataDir)
  const pglite = await PGlite.create(dataDir).catch(async (error: unknown) => {
    await lock?.release()
    throw toSyncError(error)
  })
  let ended: Promise<void> | undefined
  const closeAndUnlock = async (): Promise<void> => {
    try {
      await pglite.close()
    } finally {
      await lock?.release()
    }
  }
  const end = (): Promise<void> => {
    ended ??= closeAndUnlock()
    return ended
  }
  try {
    const database = { pglite: fenced(pglite, lock, dataDir), schema: options.schema }
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
async function takeFolder(dataDir: string): Promise<FileLock> {
  try {
    await mkdir(dataDir, { recursive: true })
    return await lockFolder(dataDir, systemClock)
  } catch (error) {
    throw toSyncError(error)
  }
}

/** The same database, but no statement reaches it once the lock of its folder is lost. */
function fenced<Instance extends PGliteInstance>(
  pglite: Instance,
  lock: FileLock | undefined,
  folder = '',
): Instance {
  if (!lock) return pglite
  return new Proxy(pglite, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        if (!lock.isHeld()) throw folderLost(folder)
        return Reflect.apply(value, target, given)
      }
    },
  })
}

async function loadPglite() {
  try {
    return await import('@electric-sql/pglite')
  } catch (cause) {
    if (!isMissingPackage(cause, '@electric-sql/pglite')) throw cause
    throw new SyncError(
      'OPTIONS_INVALID',
      'openEmbeddedStore needs the package @electric-sql/pglite; run: npm install @electric-sql/pglite',
      { cause },
    )
  }
}
