import { migrate } from '@syncline/adapter-postgres'
import pg from 'pg'
import { privateServer } from '../../scripts/services.mjs'
import { createDatabaseOn, type Database } from '../database-on.ts'

/** How a server is stopped: fast says goodbye to its clients, immediate recovers from its log when it starts again. */
export type StopMode = 'fast' | 'immediate'

/** A PostgreSQL of a test's own, to be stopped and started at will. What it acknowledged it keeps. */
export interface PrivatePostgres {
  /** A new database with the schema of this release. */
  database(): Promise<Database>
  halt(mode: StopMode): Promise<void>
  /** Starts it again after `halt`, on the same port; resolves when it answers. */
  start(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

/** The processes are killed, not the machine: what the server handed to the kernel is not lost. */
const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=50', 'shared_buffers=64MB']

export async function startPrivatePostgres(): Promise<PrivatePostgres> {
  const server = await privateServer(settings)
  let made = 0
  const newName = (): string => {
    made += 1
    return `faults_${made}`
  }
  return {
    async database() {
      const database = await createDatabaseOn({ serverUrl: server.url, newName, durable: true }, 'template0')
      const pool = new pg.Pool({ connectionString: database.url })
      await migrate({ pool })
      await pool.end()
      return database
    },
    halt: (mode) => server.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    start: () => server.start(),
    stop: () => server.stop(),
  }
}
