import {
  type AddedJob,
  type CheckedJob,
  type DeadLetter,
  type JobCounts,
  type JobProgress,
  type JobStatus,
} from '@syncline/core'
import type { BullQueue } from './bullmq-server.ts'
import { factsOf, type JobData, letterOf, stateOf } from './job-codec.ts'

type JobQueue = BullQueue<JobData>

export async function findJob(queue: JobQueue, jobId: string): Promise<JobStatus | undefined> {
  const job = await queue.getJob(jobId)
  const state = job && stateOf(await job.getState())
  if (!job || !state) return undefined
  return { ...factsOf(job), state, failures: job.attemptsMade, progress: progressOf(job.progress) }
}

export async function countJobs(queue: JobQueue): Promise<JobCounts> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed')
  const { wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts
  return { waiting: wait + prioritized, delayed, running: active, dead: failed }
}

export async function cancelJob(queue: JobQueue, jobId: string): Promise<boolean> {
  const job = await queue.getJob(jobId)
  const state = job && stateOf(await job.getState())
  if (!job || !state || state === 'running') return false
  try {
    await job.remove()
    return true
  } catch (error) {
    // A worker was faster: a job with a lock cannot be removed.
    if (stateOf(await job.getState()) === 'running') return false
    throw error
  }
}

export async function findDeadLetters(queue: JobQueue, limit: number): Promise<readonly DeadLetter[]> {
  if (limit < 1) return []
  const jobs = await queue.getJobs(['failed'], 0, limit - 1, false)
  // One that is redriven meanwhile is missing.
  return jobs.filter((job) => job !== undefined).map(letterOf)
}

export async function takeDeadLetter(
  queue: JobQueue,
  jobId: string,
  put: (job: CheckedJob, scheduleId: string | undefined) => Promise<AddedJob>,
): Promise<AddedJob | undefined> {
  const dead = await queue.getJob(jobId)
  if (!dead || !(await dead.isFailed())) return undefined
  const { scheduleId, ...job } = dead.data
  const added = await put({ ...job, delayMs: 0 }, scheduleId)
  // Added first: a process that dies here leaves both, never none.
  await dead.remove()
  return added
}

/** BullMQ starts with 0. */
const progressOf = (progress: unknown): JobProgress | undefined =>
  typeof progress === 'object' && progress !== null && isProgress(progress) ? progress : undefined

const isProgress = (progress: object): progress is JobProgress => 'current' in progress
