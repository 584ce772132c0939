import { z } from 'zod'
import { isSyncError, SyncError } from '../errors.ts'
import { canonicalJson } from '../hashing/canonical-json.ts'
import type { JsonObject } from '../model/json.ts'
import type { JobFacts, NewJob, Recurrence, Schedule } from '../ports/queue.ts'
import { parseCron } from '../time/cron.ts'

const maxPayloadBytes = 4_096
const day = 86_400_000

const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), 'holds a control character')
const queueName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not [a-z][a-z0-9-]{0,63}')
const delay = z
  .number()
  .int()
  .nonnegative()
  .max(3_660 * day)

const jobSchema = z.strictObject({
  queue: queueName,
  key: text.optional(),
  payload: z.unknown(),
  priority: z.number().int().nonnegative().max(1_000_000).default(0),
  delayMs: delay.default(0),
  retryDelaysMs: z.array(delay).max(20).default([300_000, 3_600_000]),
})

const everySchema = z.strictObject({
  everyMs: z
    .number()
    .int()
    .min(1_000)
    .max(31 * day),
  offsetMs: delay.default(0),
})
const cronSchema = z.strictObject({ cron: z.string(), timeZone: z.string().default('UTC') })

/** A job with every default filled in. */
export type CheckedJob = Pick<JobFacts, 'queue' | 'key' | 'payload' | 'priority' | 'retryDelaysMs'> & {
  readonly delayMs: number
}

/** A schedule with every default filled in: equal ones have the same canonical JSON. */
export interface CheckedSchedule {
  readonly scheduleId: string
  readonly recurrence: Recurrence
  readonly job: CheckedJob
}

/**
 * What every queue does with a job before it keeps it: checks it, fills in the defaults and copies the payload.
 * @throws OPTIONS_INVALID
 */
export function checkJob(job: NewJob): CheckedJob {
  const { key, payload, ...rest } = parse('Job', jobSchema, job)
  return { ...rest, ...(key === undefined ? {} : { key }), payload: copyPayload(payload) }
}

/** @throws OPTIONS_INVALID, CRON_INVALID */
export function checkSchedule({ scheduleId, recurrence, job }: Schedule): CheckedSchedule {
  return {
    scheduleId: parse('Schedule id', text, scheduleId),
    recurrence: checkRecurrence(recurrence),
    job: checkJob(job),
  }
}

/** A wait in whole milliseconds. @throws OPTIONS_INVALID */
export const checkDelay = (delayMs: number): number => parse('Delay', delay, delayMs)

/** @throws OPTIONS_INVALID */
export function checkWork(request: { readonly queue: string; readonly concurrency?: number | undefined }): {
  readonly queue: string
  readonly concurrency: number
} {
  const concurrency = z.number().int().min(1).max(1_000).default(1)
  return {
    queue: parse('Queue name', queueName, request.queue),
    concurrency: parse('concurrency', concurrency, request.concurrency),
  }
}

function checkRecurrence(recurrence: Recurrence): Recurrence {
  if ('everyMs' in recurrence) return parse('Recurrence', everySchema, recurrence)
  const { cron, timeZone } = parse('Recurrence', cronSchema, recurrence)
  return { cron: parseCron(cron, timeZone), timeZone }
}

function copyPayload(payload: unknown): JsonObject {
  const json = payloadJson(payload)
  if (Buffer.byteLength(json) > maxPayloadBytes)
    throw new SyncError(
      'OPTIONS_INVALID',
      `Job: payload: is larger than ${maxPayloadBytes} bytes; name a run or a scope instead`,
    )
  const copy: unknown = JSON.parse(json)
  if (isObject(copy)) return copy
  throw new SyncError('OPTIONS_INVALID', 'Job: payload: is no object')
}

function payloadJson(payload: unknown): string {
  try {
    return canonicalJson(payload)
  } catch (error) {
    if (!isSyncError(error, 'RECORD_INVALID')) throw error
    throw new SyncError('OPTIONS_INVALID', `Job: payload: ${error.message}`)
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse<Output>(what: string, schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`)
  throw new SyncError('OPTIONS_INVALID', `${what}: ${issues.join('; ')}`)
}
