import pg from 'pg'
import { type Database, emptyServerDatabase } from '../../../../test-support/server-database.ts'
import { withoutAutovacuum } from './without-autovacuum.ts'

/** Rows that statements read, by the server's own counters. */
interface Meter {
  /** Runs a phase and returns what it touched, by table. */
  measure(phase: () => Promise<void>): Promise<Touched>
}

export type Touched = Readonly<Record<string, number>>

export const totalOf = (touched: Touched): number =>
  Object.values(touched).reduce((sum, rows) => sum + rows, 0)

/** A database whose statistics are the test's to take, and one connection to it. */
export interface MeteredDatabase {
  readonly database: Database
  /** One connection: the counters of others reach the server later. */
  readonly pool: pg.Pool
  readonly meter: Meter
  close(): Promise<void>
}

/** A new database whose statistics nothing but the test takes. */
export async function meteredDatabase(): Promise<MeteredDatabase> {
  const database = await emptyServerDatabase({ migrated: true })
  await database.query(withoutAutovacuum)
  const pool = new pg.Pool({ connectionString: database.url, max: 1, idleTimeoutMillis: 0 })
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    await pool.query('select pg_stat_force_next_flush()')
    // Rows that a filter or a join drops as well, but not the entries that updates left dead in an index.
    const { rows } = await database.query(`select t.relname as name,
        (t.seq_tup_read + coalesce(t.idx_tup_fetch, 0))::float8 as touched
      from pg_stat_user_tables t where t.schemaname = 'syncline'`)
    return new Map((rows as { name: string; touched: number }[]).map(({ name, touched }) => [name, touched]))
  }
  return {
    database,
    pool,
    meter: {
      async measure(phase) {
        const before = await read()
        await phase()
        const after = await read()
        return Object.fromEntries(
          [...after].flatMap(([name, touched]) => {
            const rows = touched - (before.get(name) ?? 0)
            return rows > 0 ? [[name, rows]] : []
          }),
        )
      },
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}
