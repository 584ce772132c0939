import { SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { AddedJob, DeadLetter, Queue, ScheduleStatus } from '../ports/queue.ts'
import {
  type CheckedJob,
  type CheckedSchedule,
  checkJob,
  checkSchedule,
  checkWork,
} from '../queueing/check-requests.ts'
import { systemClock } from '../time/system-clock.ts'
import { createDispatch, type QueueDispatch } from './queue-dispatch.ts'
import { createLaneWorker } from './queue-worker.ts'

/**
 * Jobs and schedules of one process, forgotten when it ends: for hosts and command lines of one process, and the
 * reference for queues on a server. A silent job is not taken away from its worker: both would be the same process.
 * Nothing waits on a timer while no worker runs, so a queue alone does not keep a process alive.
 */
export function memoryQueue(options: { readonly clock?: Clock | undefined } = {}): Queue {
  const clock = options.clock ?? systemClock
  const dispatch = createDispatch(clock)
  const { lane, schedules, workers, goOn } = dispatch
  let closing: Promise<void> | undefined

  const now = (): number => clock.now().getTime()
  const refuseClosed = (): void => {
    if (closing) throw new SyncError('STOPPED', 'The queue was closed')
  }
  const ask = async <Answer>(question: () => Answer): Promise<Answer> => {
    refuseClosed()
    return question()
  }
  const write = (schedule: CheckedSchedule): ScheduleStatus => {
    const status = schedules.upsert(schedule, clock.now())
    goOn()
    return status
  }
  const put = (job: CheckedJob, scheduleId?: string): AddedJob => {
    const added = lane(job.queue).add(job, { now: now(), scheduleId })
    goOn()
    return added
  }
  return {
    add: (job) => ask(() => put(checkJob(job))),
    get: (queue, jobId) => ask(() => lane(queue).get(jobId, now())),
    counts: (queue) => ask(() => lane(queue).counts(now())),
    cancel: (queue, jobId) => ask(() => lane(queue).cancel(jobId)),
    deadLetters: (queue, { limit = 100 } = {}) => ask(() => lane(queue).deadLetters().slice(0, limit)),
    redrive: (queue, jobId) =>
      ask(() => {
        const letter = lane(queue).takeLetter(jobId)
        return letter && put(jobOf(letter), letter.scheduleId)
      }),
    upsertSchedule: (schedule) => ask(() => write(checkSchedule(schedule))),
    removeSchedule: (scheduleId) => ask(() => schedules.remove(scheduleId)),
    schedules: () => ask(() => schedules.list()),
    work({ handle, ...request }) {
      refuseClosed()
      const worker = createLaneWorker({ ...checkWork(request), handle, clock, onRoom: goOn })
      workers.add(worker)
      goOn()
      return {
        async stop(stopping) {
          const stopped = await worker.stop(stopping)
          workers.delete(worker)
          goOn()
          return stopped
        },
      }
    },
    close(stopping) {
      closing ??= stopAll(dispatch, stopping)
      return closing
    },
  }
}

const jobOf = ({ queue, key, payload, priority, retryDelaysMs }: DeadLetter): CheckedJob =>
  checkJob({ queue, key, payload, priority, retryDelaysMs })

async function stopAll(
  { workers, goOn }: QueueDispatch,
  stopping: { readonly drainMs?: number | undefined } | undefined,
): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.stop(stopping)))
  workers.clear()
  goOn()
}
