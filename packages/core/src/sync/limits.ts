import { z } from 'zod'

/** Bounds of every run. All have defaults; a host overrides the ones it cares about. */
export interface Limits {
  /** Pages of one run; past it the run ends `partial`. @default 100_000 */
  readonly maxPages: number
  /** Records received by one run; past it the run ends `partial`. @default none */
  readonly maxRecords?: number | undefined
  /** Records of one page; an answer with more is CONNECTOR_ANSWER_INVALID. @default ten times the page size, at least 10_000 */
  readonly maxPageRecords?: number | undefined
  /** Empty pages in a row before a listing is taken for endless. @default 100 */
  readonly maxEmptyPages: number
  /** Pages in a row that bring nothing but what earlier pages brought, before a listing is taken for endless. @default 10 */
  readonly maxRepeatedPages: number
  /** Between the starts of two listings of a scope; a resume never waits. @default 0 */
  readonly minIntervalMs: number
  /** Runs of one tenant at once, in all processes. @default 3 */
  readonly maxConcurrentPerTenant: number
  /** Runs of this process at once; more wait their turn. @default 4 */
  readonly maxConcurrentRuns: number
  /** How long a run may take; past it the run ends `timeout`, to be resumed. @default 21_600_000 (6 h) */
  readonly runTimeoutMs: number
  /** One call of a connector, start to end. @default 120_000 */
  readonly callTimeoutMs: number
  /** How long a dead process keeps others out; at least 500. @default 30_000 */
  readonly leaseMs: number
  /** How often `start()` looks for runs whose process died. @default 15_000 */
  readonly recoveryPollMs: number
  /** How old a listing may be and still be resumed; upstream cursors do not live for ever. @default 86_400_000 (1 d) */
  readonly resumeWithinMs: number
  /** How far an incremental listing reaches back behind its watermark. @default 300_000 (5 min) */
  readonly overlapMs: number
  /** Tries after the first for one page. @default 3 */
  readonly maxRetries: number
  /** The longest wait between tries; a longer one ends the run `partial`, to be resumed. @default 120_000 */
  readonly maxRetryWaitMs: number
  /** Pages fetched while one is written: 1, or 0 to ask for a page only after the last one was committed. @default 1 */
  readonly lookAhead: 0 | 1
  /** How often `start()` reconciles queue and schedules with the store. @default 60_000 */
  readonly reconcileMs: number
  /** Scheduled runs start up to so much after their tick, each scope by a span of its own; at most a tenth of the time between two ticks. @default 60_000 */
  readonly maxStaggerMs: number
  /** How long after its first failure in a row, its second and so on a scheduled scope is tried again; after one more it is left to its schedule, with a `sync.failing` event. @default [300_000, 3_600_000] (5 min, 1 h) */
  readonly retryDelaysMs: readonly number[]
  /** The longest that `stop()` takes. @default 5_000 */
  readonly stopTimeoutMs: number
  /** How long a looked-up resource may be served from the cache; at most a day. @default 300_000 (5 min) */
  readonly cacheTtlMs: number
  /** The longest a look-up or an invalidation waits for the cache. @default 100 */
  readonly cacheTimeoutMs: number
  /** The largest body of a webhook, in bytes. @default 262_144 (256 KiB) */
  readonly webhookMaxBytes: number
  /** The longest a webhook waits for what its connector's `get` answers; its sender waits meanwhile. @default 10_000 */
  readonly webhookFetchMs: number
  /** Rows per transaction of a sweep or purge. @default 5_000 */
  readonly sweepBatch: number
  /** Resources that post-sync decides together, actions it carries out together. @default 2_000 */
  readonly postSyncBatch: number
  /** The longest that one call of the user directory, the profile store or the workflow trigger may take. @default 300_000 (5 min) */
  readonly portCallMs: number
  /** Post-syncs that `start()` runs at once in this process. @default 4 */
  readonly maxConcurrentPostSyncs: number
}

/** Limits that a host sets; those left out keep their defaults. */
export type LimitsInput = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

/** A lease is renewed three times within its length, over the network. */
const leastLeaseMs = 500

const positive = z.number().int().positive()
const milliseconds = z.number().int().nonnegative()

export const limitsSchema: z.ZodType<Limits, LimitsInput> = z.strictObject({
  maxPages: positive.default(100_000),
  maxRecords: positive.optional(),
  maxPageRecords: positive.optional(),
  maxEmptyPages: positive.default(100),
  maxRepeatedPages: positive.default(10),
  minIntervalMs: milliseconds.default(0),
  maxConcurrentPerTenant: positive.default(3),
  maxConcurrentRuns: positive.default(4),
  runTimeoutMs: positive.default(6 * 3_600_000),
  callTimeoutMs: positive.default(120_000),
  leaseMs: z.number().int().min(leastLeaseMs).default(30_000),
  recoveryPollMs: positive.default(15_000),
  resumeWithinMs: milliseconds.default(86_400_000),
  overlapMs: milliseconds.default(300_000),
  maxRetries: z.number().int().nonnegative().default(3),
  maxRetryWaitMs: milliseconds.default(120_000),
  lookAhead: z.union([z.literal(0), z.literal(1)]).default(1),
  reconcileMs: positive.default(60_000),
  maxStaggerMs: milliseconds.default(60_000),
  retryDelaysMs: z.array(positive).max(20).default([300_000, 3_600_000]),
  stopTimeoutMs: positive.default(5_000),
  cacheTtlMs: positive.max(86_400_000).default(300_000),
  cacheTimeoutMs: positive.max(60_000).default(100),
  webhookMaxBytes: positive.default(262_144),
  webhookFetchMs: positive.default(10_000),
  sweepBatch: positive.default(5_000),
  postSyncBatch: positive.default(2_000),
  portCallMs: positive.default(300_000),
  maxConcurrentPostSyncs: positive.default(4),
})
