type ErrorListener = (error: Error) => void
type ClientListener = (client: PgClient) => void

/** What is needed of a `pg.Pool`. */
export interface PgPool {
  connect(): Promise<PgClient>
  on(event: 'error', listener: ErrorListener): unknown
  on(event: 'connect', listener: ClientListener): unknown
  off(event: 'error', listener: ErrorListener): unknown
  off(event: 'connect', listener: ClientListener): unknown
}

/** What is needed of a client of the pool. */
export interface PgClient {
  query<Submitted extends { submit(connection: never): void }>(submitted: Submitted): Submitted
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as pg declares it: the statement knows
  query<Row>(query: {
    readonly name?: string
    readonly text: string
    readonly values: unknown[]
  }): Promise<{ rows: Row[] }>
  release(destroy?: boolean): void
  on(event: 'error', listener: ErrorListener): unknown
  listeners(event: 'error'): readonly unknown[]
  /** Set by hosts that let pg send statements before the last one was answered. */
  readonly pipeline?: boolean | undefined
  /** pg's wire protocol; the native client has none. */
  readonly connection?: unknown
}

export interface GuardedPool {
  connect(): Promise<PgClient>
  /** Takes the listeners off the pool. */
  unguard(): void
}

/**
 * A pool whose connections may break without harm. Node ends a process at an `error` event nobody listens to, and
 * pg emits them on idle connections through the pool and on checked-out ones directly (I10). A connection is listened
 * to from the moment it is made: an error that comes in one packet with the greeting is emitted before anybody who
 * waits for the connection goes on. What broke reaches the caller as the failure of its next statement. Stores that share a pool share its listener: Node takes more
 * than ten for a leak.
 */
export function guardPool(pool: PgPool): GuardedPool {
  const others = users.get(pool) ?? 0
  users.set(pool, others + 1)
  if (others === 0) {
    pool.on('error', ignore)
    pool.on('connect', listenTo)
  }
  let guards = true
  return {
    async connect() {
      const client = await pool.connect()
      // It may have been made before.
      listenTo(client)
      return client
    },
    unguard: () => {
      if (!guards) return
      guards = false
      const left = (users.get(pool) ?? 1) - 1
      users.set(pool, left)
      if (left > 0) return
      pool.off('error', ignore)
      pool.off('connect', listenTo)
    },
  }
}

/** How many stores use a pool. */
const users = new WeakMap<PgPool, number>()

const ignore: ErrorListener = () => {}

/** Once per connection, however many stores share the pool. */
const listenTo: ClientListener = (client) => {
  if (!client.listeners('error').includes(ignore)) client.on('error', ignore)
}
