import {
  type CheckedJob,
  type DeadLetter,
  describeFailure,
  type JobFacts,
  type JobStatus,
  maxDeadLetters,
} from '@syncline/core'
import type { AdvancedOptions, Job, JobsOptions } from 'bullmq'
import { z } from 'zod'

/** What a job of ours holds in BullMQ: everything, so that nothing depends on how BullMQ keeps its options. */
export type JobData = Pick<CheckedJob, 'queue' | 'key' | 'payload' | 'priority' | 'retryDelaysMs'> & {
  readonly scheduleId?: string | undefined
}

export type BullJob = Job<JobData, void>

/** What BullMQ calls a job whose workers died under it too often. */
const stalledTooOften = 'job stalled more than allowable limit'

const failureSchema = z.object({ code: z.string(), message: z.string() })

/** Ids that BullMQ accepts, readable where they can be: a colon separates the parts of its keys. */
export const encodeId = (text: string): string => encodeURIComponent(text)

export function encodeJob(job: CheckedJob, jobId: string): JobsOptions {
  return {
    jobId,
    // 0 would overtake every other one in BullMQ.
    priority: job.priority + 1,
    ...(job.delayMs > 0 ? { delay: job.delayMs } : {}),
    attempts: job.retryDelaysMs.length + 1,
    backoff: { type: 'custom' },
    removeOnComplete: true,
    removeOnFail: { count: maxDeadLetters },
    stackTraceLimit: 0,
    ...(job.key === undefined ? {} : { deduplication: { id: encodeId(job.key) } }),
  }
}

/** The wait after a job's n-th failure, for BullMQ's custom backoff: number of failures, type, error, job. */
export const backoffStrategy: NonNullable<AdvancedOptions['backoffStrategy']> = (failures, ...[, , job]) => {
  const waits: unknown = job?.data.retryDelaysMs
  const waitMs: unknown = Array.isArray(waits) ? waits[failures - 1] : undefined
  return typeof waitMs === 'number' ? waitMs : 0
}

export function factsOf(job: BullJob): JobFacts {
  const { queue, key, payload, priority, retryDelaysMs, scheduleId } = job.data
  return {
    jobId: job.id ?? '',
    queue,
    key,
    payload,
    priority,
    retryDelaysMs,
    scheduleId,
    addedAt: new Date(job.timestamp),
  }
}

/** A job's state in our words; undefined when it has ended. */
export function stateOf(state: string): JobStatus['state'] | undefined {
  if (state === 'waiting' || state === 'prioritized') return 'waiting'
  if (state === 'delayed') return 'delayed'
  return state === 'active' ? 'running' : undefined
}

/** The error BullMQ is given for a failure, read again by `letterOf`. */
export const encodeFailure = (error: unknown): Error => new Error(JSON.stringify(describeFailure(error)))

export function letterOf(job: BullJob): DeadLetter {
  return {
    ...factsOf(job),
    failures: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
    error: decodeFailure(job.failedReason ?? ''),
  }
}

function decodeFailure(reason: string): DeadLetter['error'] {
  if (reason.startsWith(stalledTooOften))
    return { code: 'JOB_LOST', message: 'The processes that ran it died again and again' }
  try {
    return failureSchema.parse(JSON.parse(reason))
  } catch {
    return describeFailure(new Error(reason))
  }
}
