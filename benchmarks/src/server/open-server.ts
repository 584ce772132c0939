import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { privateServer } from '../../../scripts/services.mjs'
import { checkpoint } from './checkpoint.ts'
import { watchServerCpu } from './server-cpu.ts'

/** What the private server runs with; everything else is PostgreSQL's default, fsync and full_page_writes on. */
const privateSettings = [
  'shared_buffers=1GB',
  'max_wal_size=16GB',
  'checkpoint_timeout=30min',
  'autovacuum=off',
]

/** What the server did between two points. */
interface ServerUse {
  /** Absent where the server's processes cannot be seen. */
  readonly cpuS?: number | undefined
  readonly walBytes: number
}

/** A PostgreSQL to measure on. */
export interface BenchmarkServer {
  readonly from: 'given' | 'private'
  /** Whether it lets us make checkpoints. */
  readonly hasCheckpoints: boolean
  /** Its version and its settings that matter, as it says them. */
  readonly settings: Readonly<Record<string, string>>
  /** A new database with this name of ours, empty or a copy of another one of ours; one that stands goes first. */
  createDatabase(name: string, template?: string): Promise<string>
  /** Makes a checkpoint, then counts until the answer is called. */
  meter(): Promise<() => Promise<ServerUse>>
  /** Drops our databases; ends the server when it is ours. */
  close(): Promise<void>
}

const reported = [
  'server_version',
  'shared_buffers',
  'fsync',
  'full_page_writes',
  'autovacuum',
  'wal_compression',
  'max_wal_size',
  'jit',
]

/** The given server, or a private one that ends with `close`. */
export async function openServer(given: string | undefined): Promise<BenchmarkServer> {
  const service = given === undefined ? await privateServer(privateSettings) : undefined
  const url = given ?? service?.url ?? ''
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const prefix = `syncline_bench_${randomBytes(4).toString('hex')}_`
  const made = new Set<string>()
  const drop = async (name: string): Promise<void> => {
    await client.query(`drop database if exists ${prefix}${name} with (force)`)
    made.delete(name)
  }
  const cpu = await watchServerCpu(client)
  return {
    from: service === undefined ? 'given' : 'private',
    hasCheckpoints: await checkpoint(client),
    settings: await settingsOf(client),
    async createDatabase(name, template) {
      await drop(name)
      const source = template === undefined ? 'template0' : prefix + template
      const strategy = await copyStrategy(client, source)
      await client.query(`create database ${prefix}${name} template ${source} strategy ${strategy}`)
      made.add(name)
      const own = new URL(url)
      own.pathname = `/${prefix}${name}`
      return own.href
    },
    async meter() {
      await checkpoint(client)
      const walBefore = await walPosition(client)
      const cpuBefore = cpu()
      return async () => {
        const cpuAfter = cpu()
        const walBytes = (await walPosition(client)) - walBefore
        return { walBytes, cpuS: cpuAfter === undefined ? undefined : cpuAfter - (cpuBefore ?? 0) }
      }
    },
    async close() {
      if (service === undefined) for (const name of made) await drop(name)
      await client.end()
      await service?.stop()
    },
  }
}

/** Through the log is faster for small databases, file by file for large ones. */
async function copyStrategy(client: pg.Client, database: string): Promise<'wal_log' | 'file_copy'> {
  const { rows } = await client.query<{ bytes: string }>('select pg_database_size($1) as bytes', [database])
  return Number(rows[0]?.bytes) < 50 * 2 ** 20 ? 'wal_log' : 'file_copy'
}

async function settingsOf(client: pg.Client): Promise<Readonly<Record<string, string>>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from pg_settings where name = any($1) order by name',
    [reported],
  )
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

async function walPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes`,
  )
  return Number(rows[0]?.bytes)
}
