import { resolve } from 'node:path'
import { type Clock, SyncError } from '@syncline/core'
import { type FileLock, takeFileLock } from '@syncline/core/locking'

/**
 * Keeps a second process out of an embedded database's folder: two PGlite instances on one folder destroy it. The
 * lock is a file next to the folder that names its owner.
 * @throws STORE_UNAVAILABLE when a living process, perhaps this one, has the folder open
 */
export async function lockFolder(folder: string, clock: Clock): Promise<FileLock> {
  const file = `${resolve(folder)}.lock`
  const lock = await takeFileLock({ file, clock, waitMs: 0, heartbeat: true })
  if ('heldBy' in lock) throw inUse(folder, file, lock.heldBy)
  return lock
}

const inUse = (folder: string, file: string, owner = 0): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `Process ${owner} has the embedded database in ${folder} open; end it, or use a PostgreSQL server for several processes (its lock: ${file})`,
    { details: { folder, owner } },
  )

/** Another process took the folder over while this one was stopped. */
export const folderLost = (folder: string): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `This process stood still for so long that another one took over the embedded database in ${folder}; restart it`,
    { details: { folder } },
  )
