import { type Clock, SyncError } from '@syncline/core'
import { createPostgresBackend, type PgPool, type Processor, withBackend } from 'bullmq'
import pg from 'pg'
import { askPatiently, type Patience } from './ask-patiently.ts'
import type { BullmqServer, OnTrouble } from './bullmq-server.ts'

const bull = withBackend(createPostgresBackend)

export interface PostgresServerOptions {
  readonly connectionString: string
  readonly prefix: string
  readonly maxConnections: number
  readonly timeoutMs: number
  readonly onTrouble: OnTrouble
  readonly clock: Clock
}

/** BullMQ's objects on PostgreSQL: one pool for all questions, and one for each worker, whose listener takes a place. */
export function postgresServer(options: PostgresServerOptions): BullmqServer {
  // BullMQ knows prefixes on Redis only.
  const nameOf = (name: string): string => `${options.prefix}.${name}`
  let asking: Pool | undefined
  return {
    openQueue<Data>(name: string, settings: object) {
      asking ??= openPool(options, options.maxConnections)
      return new bull.Queue<Data, void>(nameOf(name), { connection: asking.pool, ...settings })
    },
    openWorker<Data>(name: string, process: Processor<Data, void>, settings: object) {
      const { pool, end } = openPool(options, options.maxConnections + 1)
      const closing = new AbortController()
      const patience = { clock: options.clock, closed: closing.signal }
      const worker = new PatientWorker(nameOf(name), process, { connection: pool, patience, ...settings })
      return {
        worker,
        disconnect() {
          closing.abort()
          end()
        },
      }
    },
    async disconnect() {
      asking?.end()
    },
  }
}

class PatientWorker<Data> extends bull.Worker<Data, void> {
  readonly #patience: Patience

  constructor(
    name: string,
    process: Processor<Data, void>,
    { patience, ...options }: { readonly connection: PgPool; readonly patience: Patience },
  ) {
    super(name, process, options)
    this.#patience = patience
  }

  protected override moveToActive(...asked: Parameters<InstanceType<typeof bull.Worker>['moveToActive']>) {
    return askPatiently(() => super.moveToActive(...asked), this.#patience)
  }
}

interface Pool {
  readonly pool: PgPool
  /** Ends every connection at once, whatever is under way. */
  readonly end: () => void
}

function openPool(options: PostgresServerOptions, max: number): Pool {
  const { connectionString, timeoutMs, onTrouble } = options
  const pool = new pg.Pool({
    connectionString,
    max,
    keepAlive: true,
    application_name: 'syncline',
    connectionTimeoutMillis: timeoutMs,
    // The only schema that BullMQ looks for in a pool it is given.
    options: '-c search_path=bullmq',
  })
  const clients = new Set<pg.Client>()
  pool.on('error', onTrouble)
  pool.on('connect', (client: pg.Client) => {
    clients.add(client)
    client.on('error', onTrouble)
    client.once('end', () => clients.delete(client))
  })
  if (!isBullPool(pool)) throw new SyncError('INTERNAL', 'pg made no pool')
  return {
    pool,
    end() {
      for (const client of clients) client.end().catch(onTrouble)
      pool.end().catch(onTrouble)
    },
  }
}

/** BullMQ and pg describe one pool in overloads that TypeScript cannot compare. */
const isBullPool = (pool: unknown): pool is PgPool => pool instanceof pg.Pool
