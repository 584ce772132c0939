import { type Clock, SyncError } from '@syncline/core'
import { takeFileLock } from '@syncline/core/locking'

const waitMs = 10_000

export interface LockRequest {
  readonly file: string
  readonly clock: Clock
}

/** What `work` may do under the lock. */
export interface HeldLock {
  /** @throws STORE_UNAVAILABLE when another process took the lock over, because this one stood still */
  readonly confirm: () => void
}

/**
 * Keeps other processes out while `work` runs.
 * @throws STORE_UNAVAILABLE after ten seconds
 */
export async function withFileLock<Answer>(
  { file, clock }: LockRequest,
  work: (held: HeldLock) => Promise<Answer>,
): Promise<Answer> {
  const lock = await takeFileLock({ file, clock, waitMs, heartbeat: false })
  if ('heldBy' in lock) throw lockedOut(file, lock.heldBy)
  const confirm = (): void => {
    if (!lock.isHeld()) throw lockLost(file)
  }
  const answer = await work({ confirm }).catch(async (error: unknown) => {
    // The error of the work is the one to report.
    await lock.release().catch(() => undefined)
    throw error
  })
  await lock.release()
  return answer
}

const lockedOut = (file: string, owner: number | undefined): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `Another process has held the lock ${file} for over ${waitMs} ms${owner === undefined ? '' : ` (process ${owner})`}. If that process does not use Syncline, remove the lock.`,
    { details: { file } },
  )

const lockLost = (file: string): SyncError =>
  new SyncError(
    'STORE_UNAVAILABLE',
    `This process stood still for so long that another one took over the lock ${file}. Nothing was written; call again.`,
    { details: { file } },
  )
