import { open, rename, rm } from 'node:fs/promises'
import { SyncError } from '@syncline/core'
import { unreadable } from './file-format.ts'

const ownerOnly = 0o600
const othersBits = 0o077

/** Whether a failure of the file system has this code. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/**
 * The text of a file; undefined where there is none.
 * @throws CREDENTIAL_UNREADABLE when others than its owner may read or write it, STORE_UNAVAILABLE
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { mode } = await file.stat()
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

/**
 * Replaces a file as a whole: a reader, or a process that dies, sees the old text or the new one. Only under the file's
 * lock, which `confirm` looks at once more.
 */
export async function writePrivate(path: string, text: string, confirm: () => void): Promise<void> {
  const next = `${path}.new`
  try {
    // What a process left that died here.
    await rm(next, { force: true })
    const file = await open(next, 'wx', ownerOnly)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    confirm()
    await rename(next, path)
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
