import type {
  Checkpoint,
  FilterRules,
  GuardVerdict,
  JsonObject,
  RemovalGuard,
  RunError,
  StageTimings,
} from '@syncline/core'
import { SyncError } from '@syncline/core'
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

const filterRules: z.ZodType<FilterRules> = z.object({
  groupNamePattern: z.string().optional(),
  groupIds: z.array(z.string()).optional(),
  emailDomains: z.array(z.string()).optional(),
  memberOfSyncedGroups: z.boolean().optional(),
  maxRecords: z.number().optional(),
})

const removalGuard: z.ZodType<RemovalGuard> = z.object({ minRows: z.number(), percent: z.number() })

/** A document column, read back as what was written into it. */
const reader =
  <Value>(schema: z.ZodType<Value>) =>
  (text: string): Value => {
    const result = schema.safeParse(JSON.parse(text))
    if (result.success) return result.data
    throw new SyncError(
      'SCHEMA_OUTDATED',
      'A stored document is not one this release knows; it was written by a newer one',
    )
  }

const optional =
  <Value>(read: (text: string) => Value) =>
  (text: string | null): Value | undefined =>
    text === null ? undefined : read(text)

export const readCheckpoint = reader(checkpoint)
export const readTimings = reader(timings)
export const readGuardVerdict = optional(reader(guardVerdict))
export const readRunError = optional(reader(runError))
export const readFilterRules = optional(reader(filterRules))
export const readRemovalGuard = optional(reader(removalGuard))
export const readStrings = reader(z.array(z.string()))

/** Objects of the host or of upstream: any JSON object, not looked at any further. */
export const readJsonObject = (text: string): JsonObject => JSON.parse(text)

export const writeDocument = (value: object | null | undefined): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value)
