import type { GuardVerdict } from '../model/run.ts'
import type { RemovalGuard } from '../model/sync-config.ts'

/**
 * An empty or shrunken directory is an alarm, never an instruction: trips when a listing met nothing at all
 * although there are live resources, or would mark more than max(`minRows`, `percent` of the live) stale. Trips too
 * when it met records without a readable id: each of them may be one that seems to be missing (I2).
 */
export function judgeRemoval(
  counts: {
    readonly live: number
    readonly unseen: number
    readonly received: number
    /** Records without a readable id were listed. */
    readonly unreadable: boolean
  },
  guard: RemovalGuard | null,
): GuardVerdict {
  const { live, unseen, received, unreadable } = counts
  const limit = guard === null ? live : Math.max(guard.minRows, Math.floor((live * guard.percent) / 100))
  const verdict = { live, unseen, limit }
  if (guard === null || unseen === 0) return { ...verdict, tripped: false }
  if (received === 0) return { ...verdict, tripped: true, reason: 'nothing_seen' }
  if (unreadable) return { ...verdict, tripped: true, reason: 'unreadable_ids' }
  return unseen > limit ? { ...verdict, tripped: true, reason: 'too_many' } : { ...verdict, tripped: false }
}
