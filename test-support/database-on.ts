import pg from 'pg'

/** A database of a test's own, on a real server. */
export interface Database {
  readonly url: string
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>
  /** Another database with the same content. Nobody else may be connected to this one. */
  copy(): Promise<Database>
  /** Ends the connections of whoever uses it, too. */
  drop(): Promise<void>
}

/** How databases are made on a server. */
export interface DatabaseMaker {
  /** Any database of the server. */
  readonly serverUrl: string
  /** A name that no other database has. */
  readonly newName: () => string
  /** Whether an acknowledged commit outlives the server. Tests that do not stop it need not wait for the disk. */
  readonly durable: boolean
}

/** @param template a database, and how it is to be copied */
export async function createDatabaseOn(maker: DatabaseMaker, template: string): Promise<Database> {
  const { serverUrl, newName, durable } = maker
  const name = newName()
  const onServer = (statement: string): Promise<void> => runOn(serverUrl, statement)
  await onServer(`create database ${name} template ${template}`)
  if (!durable) await onServer(`alter database ${name} set synchronous_commit = off`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href, max: 1, idleTimeoutMillis: 1000 })
  pool.on('error', () => {})
  return {
    url: url.href,
    query: (text, values) => pool.query(text, values),
    async copy() {
      // A template must not be in use, not even by this very pool's idle connection.
      await onServer(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}' and state = 'idle'`,
      )
      return createDatabaseOn(maker, name)
    },
    async drop() {
      await pool.end()
      // A client that was ended may still be saying goodbye, with nobody left to listen to its errors.
      await onServer(`do $$ begin for i in 1..1000 loop
        exit when not exists (select from pg_stat_activity where datname = '${name}');
        perform pg_sleep(0.01), pg_stat_clear_snapshot();
      end loop; end $$`)
      await onServer(`drop database if exists ${name} with (force)`)
    },
  }
}

async function runOn(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
