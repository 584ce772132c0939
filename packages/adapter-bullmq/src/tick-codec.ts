import { type CheckedSchedule, nextTickOf, type Recurrence } from '@syncline/core'
import type { RepeatOptions } from 'bullmq'

/** What a job scheduler of BullMQ holds: the whole schedule, read again at each tick. */
export interface TickData {
  readonly schedule: CheckedSchedule
}

const everyPattern = /^every (\d+) ms offset (\d+) ms$/

/** A recurrence as BullMQ keeps it; intervals, too, are patterns, because BullMQ counts its own from when they were written. */
export function encodeRecurrence(recurrence: Recurrence): { readonly pattern: string; readonly tz: string } {
  if ('cron' in recurrence) return { pattern: recurrence.cron, tz: recurrence.timeZone ?? 'UTC' }
  return { pattern: `every ${recurrence.everyMs} ms offset ${recurrence.offsetMs ?? 0} ms`, tz: 'UTC' }
}

/** Makes BullMQ tick when core says, not when its own cron library does. */
export const repeatStrategy = (
  millis: number,
  { pattern, tz }: Pick<RepeatOptions, 'pattern' | 'tz'>,
): number => nextTickOf(decodeRecurrence(pattern ?? '', tz), new Date(millis)).getTime()

function decodeRecurrence(pattern: string, timeZone: string | undefined): Recurrence {
  const [, everyMs, offsetMs] = everyPattern.exec(pattern) ?? []
  return everyMs === undefined
    ? { cron: pattern, timeZone }
    : { everyMs: Number(everyMs), offsetMs: Number(offsetMs) }
}
