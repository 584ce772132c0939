import type {
  AttributeMapping,
  Checkpoint,
  DeactivationGuard,
  EndedRun,
  FilterRules,
  GuardVerdict,
  JsonObject,
  RemovalGuard,
  RequestedRun,
  RunError,
  StageTimings,
} from '@syncline/core'
import { matchStrategies, SyncError, writeModes } from '@syncline/core'
import { z } from 'zod'

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json())

const checkpoint: z.ZodType<Checkpoint> = z.object({
  version: z.literal(1),
  phase: z.enum(['listing', 'sweeping', 'done']),
  cursor: z.string().optional(),
  pages: z.number(),
  emptyPages: z.number(),
  kept: z.number(),
  capped: z.boolean(),
  modifiedSince: z.string().optional(),
  nextWatermark: z.string(),
  rules: z.string(),
})

const timings: z.ZodType<StageTimings> = z.object({
  fetchMs: z.number(),
  transformMs: z.number(),
  writeMs: z.number(),
  staleMs: z.number(),
  postSyncMs: z.number(),
})

type GuardReason = NonNullable<GuardVerdict['reason']>

/** All of them: the compiler sees to it. */
const guardReasons = {
  nothing_seen: 'nothing_seen',
  too_many: 'too_many',
  unreadable_ids: 'unreadable_ids',
} as const satisfies { readonly [Reason in GuardReason]: Reason }

const guardVerdict: z.ZodType<GuardVerdict> = z.object({
  live: z.number(),
  unseen: z.number(),
  limit: z.number(),
  tripped: z.boolean(),
  reason: z.enum(guardReasons).optional(),
})

const runError: z.ZodType<RunError> = z.object({
  code: z.string(),
  message: z.string(),
  details: jsonObject.optional(),
})

const requestedRun: z.ZodType<RequestedRun> = z.object({
  mode: z.enum(['full', 'incremental']).optional(),
  restart: z.boolean().optional(),
  approves: z.object({ runId: z.string(), by: z.string() }).optional(),
})

const endedRuns: z.ZodType<readonly EndedRun[]> = z.array(
  z
    .object({
      runId: z.string(),
      status: z.enum(['success', 'partial', 'guarded', 'error', 'cancelled', 'timeout']),
      error: runError.nullable(),
      finishedMs: z.number(),
    })
    .transform(({ runId, status, error, finishedMs }) => ({
      runId,
      status,
      ...(error && { error }),
      finishedAt: new Date(finishedMs),
    })),
)

const filterRules: z.ZodType<FilterRules> = z.object({
  groupNamePattern: z.string().optional(),
  groupIds: z.array(z.string()).optional(),
  emailDomains: z.array(z.string()).optional(),
  memberOfSyncedGroups: z.boolean().optional(),
  maxRecords: z.number().optional(),
})

const removalGuard: z.ZodType<RemovalGuard> = z.object({ minRows: z.number(), percent: z.number() })

const deactivationGuard: z.ZodType<DeactivationGuard> = z.object({
  minUsers: z.number(),
  percent: z.number(),
  maxUsers: z.number().optional(),
})

const attributeMappings: z.ZodType<readonly AttributeMapping[]> = z.array(
  z.object({
    sourcePath: z.string(),
    targetField: z.string(),
    writeMode: z.enum(writeModes),
    transform: z.string().optional(),
    enabled: z.boolean(),
    clearWhenAbsent: z.boolean().optional(),
  }),
)

/** A document column, read back as what was written into it. */
export const documentReader =
  <Value>(schema: z.ZodType<Value>) =>
  (text: string): Value => {
    const result = schema.safeParse(JSON.parse(text))
    if (result.success) return result.data
    throw new SyncError(
      'SCHEMA_OUTDATED',
      'A stored document is not one this release knows; it was written by a newer one',
    )
  }

export const optionalDocument =
  <Value>(read: (text: string) => Value) =>
  (text: string | null): Value | undefined =>
    text === null ? undefined : read(text)

export const readCheckpoint = documentReader(checkpoint)
export const readTimings = documentReader(timings)
export const readGuardVerdict = optionalDocument(documentReader(guardVerdict))
export const readRunError = optionalDocument(documentReader(runError))
export const readRequestedRun = optionalDocument(documentReader(requestedRun))
export const readEndedRuns = documentReader(endedRuns)
export const readFilterRules = optionalDocument(documentReader(filterRules))
export const readRemovalGuard = optionalDocument(documentReader(removalGuard))
export const readStrings = documentReader(z.array(z.string()))
export const readStrategies = documentReader(z.array(z.enum(matchStrategies)))
export const readAttributeMappings = documentReader(attributeMappings)
export const readDeactivationGuard = optionalDocument(documentReader(deactivationGuard))

/** Objects of the host or of upstream: any JSON object, not looked at any further. */
export const readJsonObject = (text: string): JsonObject => JSON.parse(text)

export const writeDocument = (value: object | null | undefined): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value)
