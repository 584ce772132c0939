import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { isConnectionLost } from './pg-errors.ts'

type ErrorListener = (error: Error) => void

/** What is needed of a `pg.Pool`. */
export interface PgPool extends PostgresPool {
  on(event: 'error', listener: ErrorListener): unknown
  off(event: 'error', listener: ErrorListener): unknown
}

/**
 * A pool whose connections may break without harm. Node ends a process at an `error` event nobody listens to, and
 * pg emits them on idle connections through the pool and on checked-out ones directly (I10). What broke reaches
 * the caller as the failure of its next statement.
 */
export function guardPool(pool: PgPool): { readonly pool: PostgresPool; readonly unguard: () => void } {
  pool.on('error', ignore)
  return {
    pool: {
      ...(pool.Client && { Client: pool.Client }),
      options: pool.options,
      end: () => pool.end(),
      async connect() {
        const client = await pool.connect()
        // Once per connection, however many stores share the pool.
        if (isEmitter(client) && !client.listeners('error').includes(ignore)) client.on('error', ignore)
        return guardClient(client)
      },
    },
    unguard: () => {
      pool.off('error', ignore)
    },
  }
}

const ignore: ErrorListener = () => {}

/** A connection that is thrown away, not given back, once a statement on it showed that it is lost or stuck. */
function guardClient(client: PostgresPoolClient): PostgresPoolClient {
  let lost = false
  function query<Row>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
  function query<Row>(statement: string | PostgresCursor<Row>, parameters: readonly unknown[] = []) {
    if (typeof statement !== 'string') return client.query(statement)
    return client.query<Row>(statement, parameters).catch((error: unknown) => {
      lost ||= isConnectionLost(error)
      throw error
    })
  }
  return {
    ...(client.processID !== undefined && { processID: client.processID }),
    query,
    release: (destroy = false) => client.release(destroy || lost),
  }
}

interface Emitter {
  on(event: 'error', listener: ErrorListener): unknown
  listeners(event: 'error'): readonly unknown[]
}

const isEmitter = (client: object): client is Emitter =>
  'on' in client && typeof client.on === 'function' && 'listeners' in client
