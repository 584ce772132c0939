import { sql } from 'kysely'
import { connectDatabase, type DatabaseOptions } from './connect-database.ts'
import type { Session } from './database.ts'
import { latestVersion, pendingAfter, readVersion } from './schema-version.ts'
import type { Tables } from './tables.ts'

/** How the schema of a database stands. */
export interface MigrationStatus {
  /** Version of the database; 0 when Syncline has never been there. */
  readonly version: number
  /** Version this release works with. */
  readonly latest: number
  /** Names of the steps that `migrate` would run, in order. */
  readonly pending: readonly string[]
}

/**
 * Brings the schema to the version of this release: creates what is missing, never goes back, does nothing when
 * there is nothing to do. One transaction; safe to call from several processes at once. The database user needs
 * the right to create tables in the schema, and to create the schema when it is not there.
 * @throws STORE_UNAVAILABLE, STORE_FAILED
 */
export async function migrate<HostTables>(options: DatabaseOptions<HostTables>): Promise<MigrationStatus> {
  const { database, tables, disconnect } = connectDatabase(options, async () => {})
  try {
    return await database.write((session) => migrateWithin(session, tables))
  } finally {
    disconnect()
  }
}

/** How the schema stands, without changing anything. @throws STORE_UNAVAILABLE */
export async function migrationStatus<HostTables>(
  options: DatabaseOptions<HostTables>,
): Promise<MigrationStatus> {
  const { database, tables, disconnect } = connectDatabase(options, async () => {})
  try {
    return await database.read(async (session) => statusAt(await readVersion(session, tables)))
  } finally {
    disconnect()
  }
}

async function migrateWithin(session: Session, tables: Tables): Promise<MigrationStatus> {
  const { schema } = tables
  // Held until the transaction ends: whoever comes second finds the work done. No statement may time out half-way.
  await session.run(
    sql`select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`,
  )
  await session.run(sql`select pg_advisory_xact_lock(hashtextextended(${`syncline migrate ${schema}`}, 0))`)
  const version = await readVersion(session, tables)
  if (version >= latestVersion) return statusAt(version)
  if (version === 0) await prepareSchema(session, tables)
  for (const migration of pendingAfter(version)) {
    for (const statement of migration.statements((name) => `"${schema}"."${name}"`)) {
      await session.run(sql.raw(statement))
    }
    await session.run(
      sql`insert into ${tables.migrations} (version, name) values (${migration.version}::int, ${migration.name})`,
    )
  }
  return statusAt(latestVersion)
}

async function prepareSchema(session: Session, tables: Tables): Promise<void> {
  // Asked first, because `create schema if not exists` needs the right to create one even when it exists.
  const found = await session.run(sql`select 1 from pg_namespace where nspname = ${tables.schema}`)
  if (found.length === 0) await session.run(sql`create schema ${sql.id(tables.schema)}`)
  await session.run(sql`create table if not exists ${tables.migrations} (
    version int primary key,
    name text not null,
    applied_at timestamptz not null default clock_timestamp()
  )`)
}

const statusAt = (version: number): MigrationStatus => ({
  version,
  latest: latestVersion,
  pending: pendingAfter(version).map(({ name }) => name),
})
