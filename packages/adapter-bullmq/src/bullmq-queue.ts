import { type Clock, type Logger, type Queue, SyncError, systemClock } from '@syncline/core'
import { z } from 'zod'
import { composeQueue } from './compose-queue.ts'
import { type RedisClient, type RedisClientOptions, redisServer } from './redis-server.ts'

export interface BullmqQueueOptions {
  /**
   * Makes a client of ioredis 5 or 6 with these options added to yours: `(options) => new Redis(url, options)`, or
   * `redis.duplicate(options)` of one you have. Called once for questions and once for each worker; what it makes is
   * closed by `close`, nothing else is.
   */
  readonly connect: (options: RedisClientOptions) => RedisClient
  /** Begins every key. In a cluster, with a hash tag: `{syncline}`. @default 'syncline' */
  readonly prefix?: string | undefined
  /** How long Redis may be silent before a question fails. @default 2_000 */
  readonly timeoutMs?: number | undefined
  /**
   * How long a worker may be silent, because its process died or its event loop is blocked, before its job is given
   * to another one; renewed four times as often. @default 30_000
   */
  readonly lockMs?: number | undefined
  /** Hears of lost connections and locks. @default logs nothing */
  readonly logger?: Pick<Logger, 'warn'> | undefined
  /** For waits; BullMQ itself goes by the system's. @default the system's */
  readonly clock?: Clock | undefined
}

const optionsSchema = z.object({
  prefix: z
    .string()
    .regex(/^[^:\s]{1,100}$/, 'is empty, too long or holds a colon or a space')
    .default('syncline'),
  timeoutMs: z.number().int().min(10).max(60_000).default(2_000),
  lockMs: z.number().int().min(500).max(3_600_000).default(30_000),
})

/**
 * Jobs and schedules on BullMQ 5 or 6 and Redis, shared by all processes that use the same prefix. Redis must not
 * evict keys (`maxmemory-policy noeviction`). Nothing is connected before the first question or worker.
 * @throws OPTIONS_INVALID
 */
export function bullmqQueue(options: BullmqQueueOptions): Queue {
  const { connect, logger, clock = systemClock, ...rest } = options
  const parsed = optionsSchema.safeParse(rest)
  if (!parsed.success) throw new SyncError('OPTIONS_INVALID', `bullmqQueue: ${z.prettifyError(parsed.error)}`)
  const { prefix, timeoutMs, lockMs } = parsed.data
  const onTrouble = (error: unknown): void => logger?.warn({ error }, 'trouble with the queue')
  const server = redisServer({ connect, prefix, timeoutMs, onTrouble, clock })
  return composeQueue({ server, clock, timeoutMs, lockMs, onTrouble })
}
