import { type Clock, type Logger, type Queue, SyncError, systemClock } from '@syncline/core'
import { runMigrations } from 'bullmq'
import pg from 'pg'
import { z } from 'zod'
import { composeQueue } from './compose-queue.ts'
import { postgresServer } from './postgres-server.ts'

export interface BullmqPostgresQueueOptions {
  /** A PostgreSQL 15 or newer. */
  readonly connectionString: string
  /** Begins the name of every queue. @default 'syncline' */
  readonly prefix?: string | undefined
  /** Connections for questions, and for each worker besides its listener. @default 2 */
  readonly maxConnections?: number | undefined
  /** How long PostgreSQL may be silent before a question fails. @default 2_000 */
  readonly timeoutMs?: number | undefined
  /** How long a worker may be silent before its job is given to another one. @default 30_000 */
  readonly lockMs?: number | undefined
  /** Hears of lost connections and locks. @default logs nothing */
  readonly logger?: Pick<Logger, 'warn'> | undefined
  /** For waits; BullMQ itself goes by the system's. @default the system's */
  readonly clock?: Clock | undefined
}

const optionsSchema = z.object({
  connectionString: z.string().min(1),
  prefix: z
    .string()
    .regex(/^[^:\s]{1,100}$/, 'is empty, too long or holds a colon or a space')
    .default('syncline'),
  maxConnections: z.number().int().min(1).max(100).default(2),
  timeoutMs: z.number().int().min(10).max(60_000).default(2_000),
  lockMs: z.number().int().min(500).max(3_600_000).default(30_000),
})

/** @throws OPTIONS_INVALID */
export function bullmqPostgresQueue(options: BullmqPostgresQueueOptions): Queue {
  const { logger, clock = systemClock, ...rest } = options
  const parsed = optionsSchema.safeParse(rest)
  if (!parsed.success)
    throw new SyncError('OPTIONS_INVALID', `bullmqPostgresQueue: ${z.prettifyError(parsed.error)}`)
  const onTrouble = (error: unknown): void => logger?.warn({ error }, 'trouble with the queue')
  const server = postgresServer({ ...parsed.data, onTrouble, clock })
  return composeQueue({ ...parsed.data, server, clock, onTrouble })
}

/** Makes or updates BullMQ's tables, in the schema `bullmq`. Run it from one deployment step, like the store's `migrate`. */
export async function migrateBullmqPostgres(options: { readonly connectionString: string }): Promise<void> {
  const client = new pg.Client({ connectionString: options.connectionString })
  await client.connect()
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
}
