import { type Clock, type Store, SyncError, systemClock } from '@syncline/core'
import { z } from 'zod'
import { closableSockets } from './closable-sockets.ts'
import type { SchemaOptions } from './connect-database.ts'
import { migrate } from './migrate.ts'
import { isMissingPackage } from './missing-package.ts'
import { toSyncError } from './pg-errors.ts'
import { postgresStore } from './postgres-store.ts'
import type { StoreOptions } from './store-options.ts'

export interface OpenPostgresStoreOptions extends SchemaOptions, StoreOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly connectionString: string
  /** Connections at most; a run uses one, or two for an instant. 1 to 1000. @default 10 */
  readonly maxConnections?: number | undefined
  /** How long to wait for a connection, in milliseconds. @default 10000 */
  readonly connectionTimeoutMs?: number | undefined
  /** The longest a statement may take, in milliseconds, on the server and, two seconds later, seen from here. @default 60000 */
  readonly statementTimeoutMs?: number | undefined
  /** The longest a statement may wait for a lock, in milliseconds. @default 10000 */
  readonly lockTimeoutMs?: number | undefined
  /** When the server ends a transaction that does nothing, because its process hangs, in milliseconds. @default 30000 */
  readonly idleInTransactionTimeoutMs?: number | undefined
  /**
   * Whether statements that run often are prepared. Switch it off behind a pooler that hands out connections per
   * transaction, such as PgBouncer: the server-side timeouts, which such a pooler refuses as connection parameters, are
   * then left to the settings of the role or the database.
   * @default true
   */
  readonly preparedStatements?: boolean | undefined
  /** Bring the schema up to date first, see `migrate`. @default false */
  readonly migrate?: boolean | undefined
  /** What `close` waits by. @default the system's */
  readonly clock?: Clock | undefined
}

const positiveMs = (fallback: number) => z.int().min(1).max(2_147_000_000).default(fallback)

const schema = z.object({
  connectionString: z.string().min(1),
  maxConnections: z.int().min(1).max(1000).default(10),
  connectionTimeoutMs: positiveMs(10_000),
  statementTimeoutMs: positiveMs(60_000),
  lockTimeoutMs: positiveMs(10_000),
  idleInTransactionTimeoutMs: positiveMs(30_000),
  preparedStatements: z.boolean().default(true),
})

/** The server gives up first, so that its error, not a lost connection, is what is seen. */
const graceMs = 2000

/** How long `close` waits for statements under way and for the server's goodbye. */
const closeGraceMs = 3000

/**
 * Opens a store on a PostgreSQL server with connections of its own. `close` ends them: it waits three seconds for
 * what is under way, also when the server no longer answers. Needs the package `pg`.
 * Timeouts are set as connection parameters: behind a pooler that refuses those, see `preparedStatements`.
 * @throws OPTIONS_INVALID, STORE_UNAVAILABLE, SCHEMA_OUTDATED
 */
export async function openPostgresStore(options: OpenPostgresStoreOptions): Promise<Store> {
  const result = schema.safeParse(options)
  if (!result.success) {
    throw new SyncError('OPTIONS_INVALID', `openPostgresStore: ${z.prettifyError(result.error)}`)
  }
  const settings = result.data
  const { Pool } = await loadPg()
  const sockets = closableSockets(options.clock ?? systemClock)
  const pool = new Pool({
    connectionString: settings.connectionString,
    stream: sockets.open,
    max: settings.maxConnections,
    application_name: 'syncline',
    keepAlive: true,
    connectionTimeoutMillis: settings.connectionTimeoutMs,
    query_timeout: settings.statementTimeoutMs + graceMs,
    ...(settings.preparedStatements && {
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    }),
  })
  let ended: Promise<void> | undefined
  const end = (): Promise<void> => {
    ended ??= sockets.closeAfter(closeGraceMs, pool.end())
    return ended
  }
  try {
    const database = { pool, schema: options.schema, preparedStatements: settings.preparedStatements }
    if (options.migrate) await migrate(database)
    const store = postgresStore({ ...database, ids: options.ids })
    // Any statement: a wrong address or an old schema shows now, not in the first run.
    await store.connectors.get('')
    // The listeners stay: connections may break while they are being closed.
    return { ...store, close: end }
  } catch (error) {
    await end()
    throw toSyncError(error)
  }
}

async function loadPg() {
  try {
    return await import('pg')
  } catch (cause) {
    if (!isMissingPackage(cause, 'pg')) throw cause
    throw new SyncError('OPTIONS_INVALID', 'openPostgresStore needs the package pg; run: npm install pg', {
      cause,
    })
  }
}
