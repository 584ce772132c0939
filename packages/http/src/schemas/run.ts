import { errorCodes, type Run, type RunError, runProgress } from '@syncline/core'
import { z } from 'zod'
import { problemKinds } from '../problems/problem-kinds.ts'
import { instant } from './instant.ts'
import { syncStatsDocument } from './sync-stats.ts'

/** Every status of a run. */
export const runStatuses = [
  'queued',
  'running',
  'success',
  'partial',
  'guarded',
  'error',
  'cancelled',
  'timeout',
] as const

const count = z.int().min(0)
const milliseconds = z.number().min(0)

/** Id of a run, as a path and a filter may say it. */
export const runId = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be the id of a run')
  .meta({ description: 'Id of a run.' })

/** A run as it is answered. */
export const runDocument = z
  .object({
    id: z.string(),
    connectorId: z.string(),
    resourceType: z.string(),
    mode: z.enum(['full', 'incremental']),
    status: z.enum(runStatuses),
    queuedAt: instant.nullable(),
    startedAt: instant,
    finishedAt: instant.nullable().meta({ description: 'null while it is queued or running.' }),
    progress: z.object({
      current: count.meta({ description: 'Records received so far.' }),
      total: count.nullable().meta({ description: 'Upstream’s estimate of all; null while nobody knows.' }),
      message: z.string(),
    }),
    stats: syncStatsDocument,
    timings: z.object({
      fetchMs: milliseconds,
      transformMs: milliseconds,
      writeMs: milliseconds,
      staleMs: milliseconds,
      postSyncMs: milliseconds,
    }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    guard: z
      .object({
        live: count,
        unseen: count,
        limit: count,
        tripped: z.boolean(),
        reason: z.enum(['nothing_seen', 'too_many', 'unreadable_ids']).nullable(),
      })
      .nullable()
      .meta({ description: 'What the removal guard saw; a guarded run waits for approval.' }),
    resumable: z.boolean().meta({ description: 'The next run goes on where this one stopped.' }),
    complete: z.boolean().meta({ description: 'Every page was read.' }),
    resumedFrom: z.string().nullable(),
    approves: z
      .string()
      .nullable()
      .meta({ description: 'The guarded run whose removals this one carries out.' }),
    approvedBy: z.string().nullable(),
    approvedAt: instant.nullable(),
    cancelRequested: z.boolean(),
  })
  .meta({ id: 'Run', description: 'One execution of a sync.' })

export function toRunDocument(run: Run): z.input<typeof runDocument> {
  const error = run.error && publicError(run.error)
  const { current, total, message } = runProgress({ ...run, error })
  const { timings, guard } = run
  return {
    id: run.runId,
    connectorId: run.connectorId,
    resourceType: run.resourceType,
    mode: run.mode,
    status: run.status,
    queuedAt: run.queuedAt?.toISOString() ?? null,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    progress: { current, total: total ?? null, message },
    stats: run.stats,
    timings,
    error: error ?? null,
    guard: guard ? { ...guard, reason: guard.reason ?? null } : null,
    resumable: run.resumable,
    complete: run.complete,
    resumedFrom: run.resumedFrom ?? null,
    approves: run.approves ?? run.requested?.approves?.runId ?? null,
    approvedBy: run.approvedBy ?? null,
    approvedAt: run.approvedAt?.toISOString() ?? null,
    cancelRequested: run.cancelRequested,
  }
}

/** What went wrong inside is for the log: it may quote statements. */
export function publicError({ code, message }: RunError): {
  readonly code: string
  readonly message: string
} {
  const known = errorCodes.find((one) => one === code)
  const detail = known && problemKinds[known].status === 500 ? problemKinds[known].detail : undefined
  return { code, message: detail ?? message }
}
