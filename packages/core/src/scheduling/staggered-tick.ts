import { createHash } from 'node:crypto'
import type { ScheduledScope } from '../model/schedule.ts'
import { nextTick } from '../time/cron.ts'

/** At most this part of the time between two ticks is waited. */
const partOfPeriod = 10

type Rhythm = Pick<ScheduledScope, 'connectorId' | 'resourceType' | 'cronSchedule' | 'cronTimeZone'>

/**
 * The first tick of a schedule after an instant, later by up to `maxStaggerMs`: always the same for a scope, different
 * between scopes, so that what is due at the same minute does not start at the same moment.
 */
export function staggeredTick(rhythm: Rhythm, after: Date, maxStaggerMs: number): Date | undefined {
  const { cronSchedule, cronTimeZone } = rhythm
  const tick = nextTick(cronSchedule, after, cronTimeZone)
  if (!tick) return undefined
  const following = nextTick(cronSchedule, tick, cronTimeZone)
  const periodMs = following ? following.getTime() - tick.getTime() : Number.POSITIVE_INFINITY
  const widthMs = Math.min(maxStaggerMs, periodMs / partOfPeriod)
  return new Date(tick.getTime() + Math.floor(placeOf(rhythm) * widthMs))
}

/** A number from 0 to 1 that belongs to a scope. */
function placeOf({ connectorId, resourceType }: Rhythm): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([connectorId, resourceType]))
    .digest()
  return digest.readUInt32BE() / 2 ** 32
}
