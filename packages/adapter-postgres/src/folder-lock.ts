import { readFile, rm, writeFile } from 'node:fs/promises'
import { SyncError } from '@syncline/core'

/**
 * Keeps a second process out of an embedded database's folder: two PGlite instances on one folder destroy it. The
 * lock is a file beside the folder with the process id of its owner; one that a dead process left is taken over.
 * Resolves with how to give it back.
 * @throws STORE_UNAVAILABLE when a living process, perhaps this one, has the folder open
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = `${folder.replace(/[\\/]+$/, '')}.lock`
  for (;;) {
    try {
      // `wx` fails where the file exists, so of two processes only one makes it.
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      const owner = Number(await readFile(file, 'utf8').catch(() => '0'))
      if (isAlive(owner)) throw inUse(folder, file, owner)
      await rm(file, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const inUse = (folder: string, file: string, owner: number): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `Process ${owner} has the embedded database in ${folder} open; end it, or use a PostgreSQL server for several processes (its lock: ${file})`,
    { details: { folder, owner } },
  )
