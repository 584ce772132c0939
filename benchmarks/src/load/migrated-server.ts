import { migrate } from '@syncline/adapter-postgres'
import pg from 'pg'
import { openServer } from '../server/open-server.ts'

/** A database with our schema, on a private server that ends with it. */
export async function migratedServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await openServer(undefined)
  const url = await server.createDatabase('load')
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await migrate({ pool })
  await pool.end()
  return { url, close: () => server.close() }
}
