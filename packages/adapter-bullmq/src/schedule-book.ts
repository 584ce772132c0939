import { type CheckedSchedule, canonicalJson, type ScheduleStatus } from '@syncline/core'
import type { BullQueue } from './bullmq-server.ts'
import { encodeId } from './job-codec.ts'
import { encodeRecurrence, type TickData } from './tick-codec.ts'

/** A schedule and its next tick, as a job scheduler of BullMQ keeps them. */
export interface KeptSchedule {
  readonly schedule: CheckedSchedule
  readonly nextTickAt: Date
  /** Whether the job of that tick is there: without it, a scheduler would never tick again. */
  readonly isAlive: boolean
}

export async function readSchedule(
  queue: BullQueue<TickData>,
  scheduleId: string,
): Promise<KeptSchedule | undefined> {
  const id = encodeId(scheduleId)
  const kept = await queue.getJobScheduler(id)
  if (kept?.next === undefined || !kept.template?.data) return undefined
  const job = await queue.getJob(`repeat:${id}:${kept.next}`)
  return {
    schedule: kept.template.data.schedule,
    nextTickAt: new Date(kept.next),
    isAlive: job !== undefined,
  }
}

export async function listSchedules(queue: BullQueue<TickData>): Promise<readonly ScheduleStatus[]> {
  const kept = await queue.getJobSchedulers(0, -1, true)
  return kept
    .flatMap(({ next, template }) =>
      next === undefined || !template?.data
        ? []
        : [{ ...template.data.schedule, nextTickAt: new Date(next) }],
    )
    .toSorted((left, right) => compareCodePoints(left.scheduleId, right.scheduleId))
}

export async function writeSchedule(queue: BullQueue<TickData>, schedule: CheckedSchedule): Promise<void> {
  const { scheduleId, recurrence } = schedule
  await queue.upsertJobScheduler(encodeId(scheduleId), encodeRecurrence(recurrence), {
    name: 'tick',
    data: { schedule },
    opts: {
      attempts: 1_000,
      backoff: { type: 'fixed', delay: 1_000 },
      removeOnComplete: true,
      removeOnFail: true,
    },
  })
}

export const isSameSchedule = (left: CheckedSchedule, right: CheckedSchedule): boolean =>
  canonicalJson(left) === canonicalJson(right)

/** By code point, like every list of ours: UTF-8 sorts so, UTF-16 does not. */
const compareCodePoints = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right))
