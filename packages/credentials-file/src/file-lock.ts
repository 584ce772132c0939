import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type Clock, SyncError } from '@syncline/core'
import { isCode } from './private-file.ts'

const pollMs = 10
const waitMs = 10_000

export interface LockRequest {
  readonly file: string
  readonly clock: Clock
  /** Differs for every attempt. */
  readonly holder: string
}

/**
 * Keeps other processes of this machine out while `work` runs: a file that names its owner's process. One that a dead
 * process left is taken over.
 * @throws STORE_UNAVAILABLE after ten seconds
 */
export async function withFileLock<Answer>(
  request: LockRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  await lock(request)
  try {
    return await work()
  } finally {
    await rm(request.file, { force: true })
  }
}

async function lock({ file, clock, holder }: LockRequest): Promise<void> {
  const own = `${file}.${holder}`
  const giveUpAt = clock.now().getTime() + waitMs
  await writeFile(own, `${process.pid} ${holder}`, { mode: 0o600 })
  try {
    for (;;) {
      // Made with its content in one step, and by one process only.
      if (await made(link(own, file))) return
      const owner = await readFile(file, 'utf8').catch(() => undefined)
      if (owner !== undefined && !isAlive(owner)) await removeDead(file, owner, holder)
      else if (clock.now().getTime() >= giveUpAt) throw lockedOut(file, owner)
      else await clock.sleep(pollMs)
    }
  } finally {
    await rm(own, { force: true })
  }
}

async function made(linking: Promise<void>): Promise<boolean> {
  try {
    await linking
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Moved aside first: if it is another's by now, it is put back instead of removed. */
async function removeDead(file: string, owner: string, holder: string): Promise<void> {
  const aside = `${file}.${holder}.dead`
  try {
    await rename(file, aside)
    if ((await readFile(aside, 'utf8')) !== owner) await made(link(aside, file))
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

function isAlive(owner: string): boolean {
  const pid = Number.parseInt(owner, 10)
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

const lockedOut = (file: string, owner: string | undefined): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `Another process has held the lock ${file} for over ${waitMs} ms; if process ${owner?.split(' ')[0] ?? '?'} is none of Syncline's, remove it`,
    { details: { file } },
  )
