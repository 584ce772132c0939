import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SyncError } from '@syncline/core'
import { unreadable } from './file-format.ts'

const ownerOnly = 0o600
const othersBits = 0o077
const allMayWrite = 0o002
const sticky = 0o1000

/** Whether a failure of the file system has this code. */
const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/**
 * The text of a file; undefined where there is none.
 * @throws CREDENTIAL_UNREADABLE when others than its owner may read or write it, STORE_UNAVAILABLE
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { mode, uid } = await file.stat()
      const self = process.getuid?.()
      if (self !== undefined && uid !== self && uid !== 0) {
        throw unreadable(path, `it belongs to another user (id ${uid}); make one of your own`)
      }
      await refuseOpenFolder(path)
      // Windows has no such bits and answers them as set.
      if (process.platform !== 'win32' && (mode & othersBits) !== 0) {
        throw unreadable(
          path,
          `others may use it (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
        )
      }
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw asStoreError(error, path)
  }
}

/** In a folder that all may write to, another user may put a file in this one's place. */
async function refuseOpenFolder(path: string): Promise<void> {
  const folder = dirname(path)
  const { mode } = await stat(folder)
  if (process.platform === 'win32' || (mode & allMayWrite) === 0 || (mode & sticky) !== 0) return
  throw unreadable(path, `all may write to its folder; run: chmod o-w ${folder}`)
}

/** The file itself, where the path is a symbolic link: the link is kept. */
async function behindLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return path
    throw error
  }
}

/**
 * Replaces a file as a whole: a reader, or a process that dies, sees the old text or the new one. Only under the file's
 * lock, which `confirm` looks at once more.
 */
export async function writePrivate(path: string, text: string, confirm: () => void): Promise<void> {
  const file = await behindLinks(path)
  const next = `${file}.new`
  try {
    // What a process left that died here.
    await rm(next, { force: true })
    const written = await open(next, 'wx', ownerOnly)
    try {
      await written.writeFile(text)
      await written.sync()
    } finally {
      await written.close()
    }
    confirm()
    await rename(next, file)
  } catch (error) {
    await rm(next, { force: true })
    throw asStoreError(error, path)
  }
}

const asStoreError = (error: unknown, path: string): SyncError => {
  if (error instanceof SyncError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new SyncError('STORE_UNAVAILABLE', `The credential file ${path} cannot be used (${code})`, {
    details: { path, code },
  })
}
