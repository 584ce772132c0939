import { SyncError } from '@syncline/core'
import { Kysely, PGliteDialect, type PGliteDialectConfig } from 'kysely'
import { z } from 'zod'
import { type Connections, type Database, databaseOn, type Session } from './database.ts'
import { kyselyConnections } from './kysely-connections.ts'
import type { OwnConnection } from './own-connection.ts'
import { guardPool, type PgPool } from './pg-pool.ts'
import { poolConnections } from './pool-connections.ts'
import { type Tables, tablesIn } from './tables.ts'

/** A PGlite instance, as Kysely's dialect wants it. */
export type PGliteInstance = Exclude<PGliteDialectConfig['pglite'], (...args: never[]) => unknown>

export interface SchemaOptions {
  /**
   * Schema that holds Syncline's tables; every statement names it, `search_path` plays no part. Lower-case
   * letters, digits and `_`, at most 63, not beginning with a digit or `pg_`.
   * @default 'syncline'
   */
  readonly schema?: string | undefined
}

/** A database of the host's: exactly one of its three forms. Never closed by this package. */
export type DatabaseOptions<HostTables = unknown> = SchemaOptions &
  (
    | {
        /**
         * A `pg.Pool`. Listeners for its `error` events are added, so that a lost connection never ends the process.
         * Its time-outs are the host's: without `query_timeout` and `connectionTimeoutMillis` a connection that goes
         * silent is waited for without end.
         */
        readonly pool: PgPool
        /**
         * Whether statements that run often are prepared. Switch it off behind a pooler that hands out
         * connections per transaction and does not keep prepared statements (PgBouncer before 1.21).
         * @default true
         */
        readonly preparedStatements?: boolean | undefined
        readonly pglite?: undefined
        readonly db?: undefined
      }
    | {
        /** A PGlite instance: PostgreSQL within the process, one connection, not durable when power fails. */
        readonly pglite: PGliteInstance
        readonly pool?: undefined
        readonly db?: undefined
      }
    | {
        /**
         * A Kysely instance on PostgreSQL; its plugins are not used. Slower than `pool`: it knows no driver well
         * enough to copy rows or to send arrays as bytes. The host listens to `error` on its pool and on
         * every client (`pool.on('connect', (client) => client.on('error', …))`), else a database restart ends the
         * process.
         */
        readonly db: Kysely<HostTables>
        readonly pool?: undefined
        readonly pglite?: undefined
      }
  )

/** An open database with the names of its tables. */
export interface ConnectedDatabase {
  readonly database: Database
  readonly tables: Tables
  /** Failures are the driver's. */
  readonly alone: OwnConnection['alone']
  /** Takes back what was added to the host's objects. */
  readonly disconnect: () => void
}

/** @throws OPTIONS_INVALID */
export function connectDatabase<HostTables>(
  options: DatabaseOptions<HostTables>,
  check: (session: Session, tables: Tables) => Promise<void>,
): ConnectedDatabase {
  const tables = tablesIn(schemaName(options.schema))
  const open = (connections: Connections & OwnConnection, disconnect: () => void): ConnectedDatabase => ({
    database: databaseOn(connections, (session) => check(session, tables)),
    tables,
    alone: (work) => connections.alone(work),
    disconnect,
  })
  if (options.pool) {
    const pool = guardPool(options.pool)
    const { preparedStatements = true } = options
    return open(poolConnections(pool, { preparedStatements }), () => pool.unguard())
  }
  if (options.pglite) {
    const db = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite: options.pglite }) })
    return open(kyselyConnections(db), nothingToUndo)
  }
  if (options.db) return open(kyselyConnections(options.db.withoutPlugins()), nothingToUndo)
  throw new SyncError('OPTIONS_INVALID', 'Give the store a database: one of pool, pglite or db')
}

const nothingToUndo = (): void => {}

const schemaPattern = z.string().regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/)

export function schemaName(schema: string | undefined): string {
  const result = schemaPattern.safeParse(schema ?? 'syncline')
  if (result.success) return result.data
  throw new SyncError(
    'OPTIONS_INVALID',
    'A schema name is up to 63 lower-case letters, digits and _, not beginning with a digit or pg_',
  )
}
