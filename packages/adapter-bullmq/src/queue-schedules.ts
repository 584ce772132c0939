import type { AddedJob, CheckedSchedule, Clock, ScheduleStatus } from '@syncline/core'
import type { BullmqServer, BullQueue, OnTrouble } from './bullmq-server.ts'
import { atMost } from './in-time.ts'
import { encodeId } from './job-codec.ts'
import { isSameSchedule, listSchedules, readSchedule, writeSchedule } from './schedule-book.ts'
import { repeatStrategy, type TickData } from './tick-codec.ts'

/** The dot keeps it apart from the names a queue can have. */
const ticksQueue = 'syncline.schedules'
const goodbyeMs = 300
const maxAttempts = 5
const pauseMs = 20

export interface QueueSchedulesOptions {
  readonly server: BullmqServer
  readonly clock: Clock
  readonly lockMs: number
  readonly onTrouble: OnTrouble
  readonly add: (job: CheckedSchedule['job'], scheduleId: string) => Promise<AddedJob>
}

/** Schedules as BullMQ's job schedulers, in a queue of their own whose jobs only add the schedule's job. */
export interface QueueSchedules {
  readonly upsert: (schedule: CheckedSchedule) => Promise<ScheduleStatus>
  readonly remove: (scheduleId: string) => Promise<boolean>
  readonly list: () => Promise<readonly ScheduleStatus[]>
  /** Lets schedules tick until the returned function is called. */
  readonly startTicking: () => () => Promise<void>
  /** What is to be closed. */
  readonly opened: () => readonly BullQueue<TickData>[]
}

export function createQueueSchedules(options: QueueSchedulesOptions): QueueSchedules {
  const { server, onTrouble } = options
  let opened: BullQueue<TickData> | undefined
  const queue = (): BullQueue<TickData> => {
    if (opened) return opened
    opened = server.openQueue<TickData>(ticksQueue, { settings: { repeatStrategy } })
    opened.on('error', onTrouble)
    return opened
  }
  return {
    opened: () => (opened ? [opened] : []),
    upsert: (schedule) => upsertSchedule(queue(), schedule, options),
    remove: (scheduleId) => queue().removeJobScheduler(encodeId(scheduleId)),
    list: () => listSchedules(queue()),
    startTicking: () => startTicking(queue(), options),
  }
}

/** Writes it unless it is there: writing moves on the next tick, so that a fleet that starts would hold it up for ever. */
async function upsertSchedule(
  queue: BullQueue<TickData>,
  schedule: CheckedSchedule,
  { add, clock }: QueueSchedulesOptions,
): Promise<ScheduleStatus> {
  const find = async (): Promise<ScheduleStatus | undefined> => {
    const kept = await readSchedule(queue, schedule.scheduleId)
    if (!kept?.isAlive) return undefined
    if (isSameSchedule(kept.schedule, schedule)) return { ...schedule, nextTickAt: kept.nextTickAt }
    // A tick that is due already must not be lost with the old one.
    if (kept.nextTickAt <= clock.now()) await add(kept.schedule.job, schedule.scheduleId)
    return undefined
  }
  let refusal: unknown = new Error(`other processes keep changing the schedule ${schedule.scheduleId}`)
  for (let attempt = 0; ; attempt++) {
    const kept = await find()
    if (kept) return kept
    if (attempt === maxAttempts) throw refusal
    try {
      await writeSchedule(queue, schedule)
    } catch (error) {
      // Two that write one schedule at once collide: the other one has written it, or is about to.
      refusal = error
      await clock.sleep((attempt + 1) * pauseMs)
    }
  }
}

function startTicking(
  queue: BullQueue<TickData>,
  { server, clock, lockMs, onTrouble, add }: QueueSchedulesOptions,
): () => Promise<void> {
  const tick = async ({ schedule: { scheduleId } }: TickData): Promise<void> => {
    // As it is kept now: it may have been changed or removed since the tick was planned.
    const kept = await readSchedule(queue, scheduleId)
    if (kept) await add(kept.schedule.job, scheduleId)
  }
  const { worker, disconnect } = server.openWorker<TickData>(ticksQueue, (job) => tick(job.data), {
    concurrency: 4,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: 1_000,
    settings: { repeatStrategy },
  })
  worker.on('error', onTrouble)
  return async () => {
    await atMost(clock, goodbyeMs, worker.close())
    disconnect()
  }
}
