import { migrate, migrationStatus } from '@syncline/adapter-postgres'
import { isSyncError, SyncError } from '@syncline/core'
import type { Command } from 'commander'
import pg from 'pg'
import { loadConfig, type SynclineConfig } from '../config.ts'
import { counted } from '../number-format.ts'
import { type ServerTarget, serverOf } from '../open-store.ts'
import type { SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface MigrateFlags extends SharedFlags {
  readonly dryRun?: boolean
}

export function migrateCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('migrate')
    .summary('create or update the tables of a PostgreSQL database')
    .description(
      'Brings the schema of the database to the version of this release, in one transaction. No other command changes ' +
        'the schema of a server. The role needs the right to create tables.',
    )
    .option('--dry-run', 'show what would be done, and change nothing')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const flags = this.optsWithGlobals<MigrateFlags>()
      const server = requireServer(await configOf(flags), flags)
      const pool = new pg.Pool({ connectionString: server.connectionString, max: 1 })
      pool.on('error', () => undefined)
      try {
        const target = { pool, schema: server.schema }
        const before = await migrationStatus(target)
        const after = flags.dryRun ? before : await migrate(target)
        if (flags.json) terminal.print(JSON.stringify({ from: before.version, ...after }))
        else for (const line of report(before, after)) terminal.print(line)
      } finally {
        await pool.end()
      }
    })
}

type Status = Awaited<ReturnType<typeof migrationStatus>>

function report(before: Status, after: Status): readonly string[] {
  if (before.pending.length === 0) return [`The schema is up to date: version ${before.version}`]
  const steps = before.pending.map((name) => `  ${name}`)
  return after.version === before.version
    ? [
        `${counted(before.pending.length, 'step')} to run, from version ${before.version} to ${before.latest}:`,
        ...steps,
      ]
    : [`Migrated from version ${before.version} to ${after.version}:`, ...steps]
}

/** A database named by a flag needs no configuration file. */
async function configOf(flags: MigrateFlags): Promise<Pick<SynclineConfig, 'store'>> {
  try {
    return await loadConfig(flags.config)
  } catch (error) {
    if (
      flags.databaseUrl !== undefined &&
      flags.config === undefined &&
      isSyncError(error, 'OPTIONS_INVALID')
    )
      return {}
    throw error
  }
}

function requireServer(config: Pick<SynclineConfig, 'store'>, flags: MigrateFlags): ServerTarget {
  const server = serverOf(config, flags)
  if (server) return server
  throw new SyncError(
    'OPTIONS_INVALID',
    'Only a PostgreSQL server is migrated by command. Name it with --database-url, or set "store: { connectionString }". An embedded database is updated when it is opened.',
  )
}
