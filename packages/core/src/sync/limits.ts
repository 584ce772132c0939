import { z } from 'zod'

const positive = z.number().int().positive()
const milliseconds = z.number().int().nonnegative()

/** Bounds of every run. All have defaults; a host overrides the ones it cares about. */
export const limitsSchema = z.strictObject({
  /** Pages of one run; past it the run ends `partial`. @default 100_000 */
  maxPages: positive.default(100_000),
  /** Records received by one run; past it the run ends `partial`. @default none */
  maxRecords: positive.optional(),
  /** Empty pages in a row before a listing is taken for endless. @default 100 */
  maxEmptyPages: positive.default(100),
  /** Pages in a row that bring nothing but what earlier pages brought, before a listing is taken for endless. @default 10 */
  maxRepeatedPages: positive.default(10),
  /** Between the starts of two listings of a scope; a resume never waits. @default 0 */
  minIntervalMs: milliseconds.default(0),
  /** @default 3 */
  maxConcurrentPerTenant: positive.default(3),
  /** Runs of this process at once; more wait their turn. @default 4 */
  maxConcurrentRuns: positive.default(4),
  /** @default 21_600_000 (6 h) */
  runTimeoutMs: positive.default(6 * 3_600_000),
  /** One call of a connector, start to end. @default 120_000 */
  callTimeoutMs: positive.default(120_000),
  /** How long a dead process keeps others out. @default 30_000 */
  leaseMs: positive.default(30_000),
  /** How often `start()` looks for runs whose process died. @default 15_000 */
  recoveryPollMs: positive.default(15_000),
  /** How old a listing may be and still be resumed; upstream cursors do not live for ever. @default 86_400_000 (1 d) */
  resumeWithinMs: milliseconds.default(86_400_000),
  /** How far an incremental listing reaches back behind its watermark. @default 300_000 (5 min) */
  overlapMs: milliseconds.default(300_000),
  /** Tries after the first for one page. @default 3 */
  maxRetries: z.number().int().nonnegative().default(3),
  /** The longest wait between tries; a longer one ends the run `partial`, to be resumed. @default 120_000 */
  maxRetryWaitMs: milliseconds.default(120_000),
  /** Pages fetched while one is written: 1, or 0 to ask for a page only after the last one was committed. @default 1 */
  lookAhead: z.union([z.literal(0), z.literal(1)]).default(1),
  /** How often `start()` reconciles queue and schedules with the store. @default 60_000 */
  reconcileMs: positive.default(60_000),
  /** Scheduled runs start up to so much after their tick, each scope by a span of its own; at most a tenth of the time between two ticks. @default 60_000 */
  maxStaggerMs: milliseconds.default(60_000),
  /** How long after its first failure in a row, its second and so on a scheduled scope is tried again; after one more it is left to its schedule, with a `sync.failing` event. @default [300_000, 3_600_000] (5 min, 1 h) */
  retryDelaysMs: z.array(positive).max(20).default([300_000, 3_600_000]),
  /** The longest that `stop()` takes. @default 5_000 */
  stopTimeoutMs: positive.default(5_000),
  /** How long a looked-up resource may be served from the cache; at most a day. @default 300_000 (5 min) */
  cacheTtlMs: positive.max(86_400_000).default(300_000),
  /** The longest a look-up or an invalidation waits for the cache. @default 100 */
  cacheTimeoutMs: positive.max(60_000).default(100),
  /** The largest body of a webhook, in bytes. @default 262_144 (256 KiB) */
  webhookMaxBytes: positive.default(262_144),
  /** The longest a webhook waits for what its connector's `get` answers; its sender waits meanwhile. @default 10_000 */
  webhookFetchMs: positive.default(10_000),
  /** Rows per transaction of a sweep or purge. @default 5_000 */
  sweepBatch: positive.default(5_000),
  /** Resources that post-sync decides together, actions it carries out together. @default 2_000 */
  postSyncBatch: positive.default(2_000),
})

export type Limits = z.output<typeof limitsSchema>
export type LimitsInput = z.input<typeof limitsSchema>
