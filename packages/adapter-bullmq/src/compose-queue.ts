import { type Clock, checkJob, checkSchedule, type Queue, SyncError } from '@syncline/core'
import type { BullmqServer, OnTrouble } from './bullmq-server.ts'
import { atMost, inTime } from './in-time.ts'
import { cancelJob, countJobs, findDeadLetters, findJob, takeDeadLetter } from './job-queries.ts'
import { openJobQueues } from './job-queues.ts'
import { createQueueSchedules } from './queue-schedules.ts'
import { createWorkforce } from './workforce.ts'

const goodbyeMs = 300

export interface ComposeOptions {
  readonly server: BullmqServer
  readonly clock: Clock
  readonly timeoutMs: number
  readonly lockMs: number
  readonly onTrouble: OnTrouble
}

/** The queue port over BullMQ, on whatever server. */
export function composeQueue(options: ComposeOptions): Queue {
  const { server, clock, timeoutMs } = options
  const queues = openJobQueues(options)
  const schedules = createQueueSchedules({ ...options, add: queues.put })
  const workforce = createWorkforce({ ...options, startTicking: schedules.startTicking })
  let closing: Promise<void> | undefined

  const refuseClosed = (): void => {
    if (closing) throw new SyncError('STOPPED', 'The queue was closed')
  }
  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    refuseClosed()
    return inTime(clock, timeoutMs, question)
  }
  const finish = async (drainMs: number | undefined): Promise<void> => {
    await workforce.stop(drainMs)
    const goodbyes = [...queues.opened(), ...schedules.opened()].map((queue) => queue.close())
    await atMost(clock, goodbyeMs, Promise.allSettled(goodbyes))
    await server.disconnect()
  }
  return {
    async add(job) {
      const checked = checkJob(job)
      return ask(() => queues.put(checked))
    },
    get: (queue, jobId) => ask(() => findJob(queues.of(queue), jobId)),
    counts: (queue) => ask(() => countJobs(queues.of(queue))),
    cancel: (queue, jobId) => ask(() => cancelJob(queues.of(queue), jobId)),
    deadLetters: (queue, { limit = 100 } = {}) => ask(() => findDeadLetters(queues.of(queue), limit)),
    redrive: (queue, jobId) => ask(() => takeDeadLetter(queues.of(queue), jobId, queues.put)),
    async upsertSchedule(schedule) {
      const checked = checkSchedule(schedule)
      return ask(() => schedules.upsert(checked))
    },
    removeSchedule: (scheduleId) => ask(() => schedules.remove(scheduleId)),
    schedules: () => ask(() => schedules.list()),
    work(request) {
      refuseClosed()
      return workforce.work(request)
    },
    close({ drainMs } = {}) {
      closing ??= finish(drainMs)
      return closing
    },
  }
}
