import { type AddedJob, type CheckedJob, type Clock, createUuidV7 } from '@syncline/core'
import type { BullmqServer, BullQueue, OnTrouble } from './bullmq-server.ts'
import { encodeJob, type JobData } from './job-codec.ts'

/** The queues of BullMQ that hold jobs, each opened when it is first asked for. */
export interface JobQueues {
  readonly of: (name: string) => BullQueue<JobData>
  readonly put: (job: CheckedJob, scheduleId?: string) => Promise<AddedJob>
  /** What is to be closed. */
  readonly opened: () => readonly BullQueue<JobData>[]
}

export function openJobQueues(options: {
  readonly server: BullmqServer
  readonly clock: Clock
  readonly onTrouble: OnTrouble
}): JobQueues {
  const { server, clock, onTrouble } = options
  const opened = new Map<string, BullQueue<JobData>>()
  const createJobId = createUuidV7({ now: () => clock.now().getTime() })

  const queueOf = (name: string): BullQueue<JobData> => {
    const known = opened.get(name)
    if (known) return known
    const queue = server.openQueue<JobData>(name, {})
    queue.on('error', onTrouble)
    opened.set(name, queue)
    return queue
  }
  return {
    of: queueOf,
    async put(job, scheduleId) {
      const { delayMs: _, ...kept } = job
      const jobId = createJobId()
      const data = scheduleId === undefined ? kept : { ...kept, scheduleId }
      const { id = jobId } = await queueOf(job.queue).add('job', data, encodeJob(job, jobId))
      return { jobId: id, added: id === jobId }
    },
    opened: () => [...opened.values()],
  }
}
