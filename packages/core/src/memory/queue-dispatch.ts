import type { Clock } from '../ports/clock.ts'
import { createLane, type QueueLane } from './queue-lane.ts'
import { createSchedules, type QueueSchedules } from './queue-schedules.ts'
import type { LaneWorker } from './queue-worker.ts'

/** It looks at the clock this often at least, because the clock may be set forward. */
const lookMs = 60_000

/** Brings jobs, schedules and workers of one process together. */
export interface QueueDispatch {
  readonly lane: (queue: string) => QueueLane
  readonly schedules: QueueSchedules
  readonly workers: Set<LaneWorker>
  /** Ticks what is due, starts what may start, and sets the alarm for what comes next. */
  readonly goOn: () => void
}

export function createDispatch(clock: Clock): QueueDispatch {
  const lanes = new Map<string, QueueLane>()
  const workers = new Set<LaneWorker>()
  const schedules = createSchedules()
  let disarm = (): void => {}

  const lane = (queue: string): QueueLane => {
    const known = lanes.get(queue) ?? createLane()
    lanes.set(queue, known)
    return known
  }
  const goOn = (): void => {
    disarm()
    if (workers.size === 0) return
    const now = clock.now()
    for (const { job, scheduleId } of schedules.tick(now))
      lane(job.queue).add(job, { now: now.getTime(), scheduleId })
    for (const worker of workers) handOut(lane(worker.queue), worker, now.getTime())
    const waitedFor = [...workers].filter((worker) => worker.hasRoom()).map(({ queue }) => lane(queue))
    const nextAt = Math.min(schedules.nextTickAt(), ...waitedFor.map((one) => one.nextDueAt()))
    if (nextAt < Number.POSITIVE_INFINITY)
      disarm = clock.after(Math.min(lookMs, Math.max(1, nextAt - now.getTime())), goOn)
  }
  return { lane, schedules, workers, goOn }
}

function handOut(lane: QueueLane, worker: LaneWorker, now: number): void {
  while (worker.hasRoom()) {
    const held = lane.take(now)
    if (!held) return
    worker.run(held)
  }
}
