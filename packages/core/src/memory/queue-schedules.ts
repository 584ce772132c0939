import { canonicalJson } from '../hashing/canonical-json.ts'
import type { ScheduleStatus } from '../ports/queue.ts'
import type { CheckedSchedule } from '../queueing/check-requests.ts'
import { nextTickOf } from '../queueing/next-tick-of.ts'
import { compareCodePoints } from './compare-code-points.ts'

type Kept = CheckedSchedule & ScheduleStatus

/** Schedules of one process. */
export interface QueueSchedules {
  upsert(schedule: CheckedSchedule, now: Date): ScheduleStatus
  remove(scheduleId: string): boolean
  list(): readonly ScheduleStatus[]
  /** Those that came due, each once however often it did; they are due again later than now. */
  tick(now: Date): readonly CheckedSchedule[]
  /** Infinite when there is none. */
  nextTickAt(): number
}

export function createSchedules(): QueueSchedules {
  const kept = new Map<string, Kept>()
  return {
    upsert(schedule, now) {
      const known = kept.get(schedule.scheduleId)
      const ticksAsBefore = known && canonicalJson(known.recurrence) === canonicalJson(schedule.recurrence)
      const nextTickAt = ticksAsBefore ? known.nextTickAt : nextTickOf(schedule.recurrence, now)
      const status = { ...schedule, nextTickAt }
      kept.set(schedule.scheduleId, status)
      return status
    },
    remove: (scheduleId) => kept.delete(scheduleId),
    list: () =>
      [...kept.values()].toSorted((left, right) => compareCodePoints(left.scheduleId, right.scheduleId)),
    tick(now) {
      const due = [...kept.values()].filter(({ nextTickAt }) => nextTickAt <= now)
      for (const schedule of due)
        kept.set(schedule.scheduleId, { ...schedule, nextTickAt: nextTickOf(schedule.recurrence, now) })
      return due
    },
    nextTickAt() {
      let next = Number.POSITIVE_INFINITY
      for (const { nextTickAt } of kept.values()) next = Math.min(next, nextTickAt.getTime())
      return next
    },
  }
}
