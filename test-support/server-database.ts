import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test's own, on a real server. */
export interface Database {
  readonly url: string
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>
  /** Another database with the same content. Nobody else may be connected to this one. */
  copy(): Promise<Database>
  /** Ends the connections of whoever uses it, too. */
  drop(): Promise<void>
}

/** Whether there is a server; without one, tests that need it are skipped. */
export const serverIsAvailable = (): boolean => inject('databaseUrl') !== null

/** A new database, empty or with the schema of this release. */
export const emptyServerDatabase = (options: { readonly migrated: boolean }): Promise<Database> =>
  createFrom(options.migrated ? inject('databaseTemplate') : 'template0')

let made = 0

async function createFrom(template: string): Promise<Database> {
  made += 1
  const worker = process.env.VITEST_POOL_ID ?? '0'
  const name = `${inject('databaseTemplate')}_${process.pid}_${worker}_${made}`
  await onServer(`create database ${name} template ${template}`)
  // Tests kill clients, not the server: no commit needs to wait for the disk.
  await onServer(`alter database ${name} set synchronous_commit = off`)
  const url = new URL(serverUrl())
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
      return createFrom(name)
    },
    async drop() {
      await pool.end()
      // A client that was ended may still be saying goodbye, with nobody left to listen to its errors.
      await onServer(`do $$ begin for i in 1..100 loop
        exit when not exists (select from pg_stat_activity where datname = '${name}');
        perform pg_sleep(0.01), pg_stat_clear_snapshot();
      end loop; end $$`)
      await onServer(`drop database if exists ${name} with (force)`)
    },
  }
}

function serverUrl(): string {
  const url = inject('databaseUrl')
  if (url !== null) return url
  throw new Error('There is no PostgreSQL server; ask serverIsAvailable() first')
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
