import { SyncError } from '../errors.ts'
import type { Recurrence } from '../ports/queue.ts'
import { nextTick } from '../time/cron.ts'

/**
 * The first tick after `after`. Every queue asks here, so that all of them tick at the same instants.
 * @throws CRON_INVALID
 */
export function nextTickOf(recurrence: Recurrence, after: Date): Date {
  if ('everyMs' in recurrence) {
    const { everyMs, offsetMs = 0 } = recurrence
    const ticksSoFar = Math.floor((after.getTime() - offsetMs) / everyMs)
    return new Date((ticksSoFar + 1) * everyMs + offsetMs)
  }
  const next = nextTick(recurrence.cron, after, recurrence.timeZone)
  if (next) return next
  throw new SyncError('CRON_INVALID', `"${recurrence.cron}" never comes due again`)
}
