import { SyncError } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from './database.ts'
import { migrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import type { Tables } from './tables.ts'

/** The version this release works with. */
export const latestVersion = migrations.at(-1)?.version ?? 0

/** Steps that a schema of this version has before it, in order. */
export const pendingAfter = (version: number): readonly Migration[] =>
  migrations.filter((migration) => migration.version > version)

/** The version a schema has; 0 when Syncline has never been there. */
export async function readVersion(session: Session, tables: Tables): Promise<number> {
  const name = `"${tables.schema}"."schema_migration"`
  const [found] = await session.run(
    sql<{ exists: boolean }>`select to_regclass(${name}) is not null as exists`,
  )
  if (!found?.exists) return 0
  const [row] = await session.run(
    sql<{ version: number }>`select coalesce(max(version), 0)::int as version from ${tables.migrations}`,
  )
  return row?.version ?? 0
}

/** @throws SCHEMA_OUTDATED unless the schema is exactly this release's */
export async function checkVersion(session: Session, tables: Tables): Promise<void> {
  const version = await readVersion(session, tables)
  if (version === latestVersion) return
  const details = { schema: tables.schema, version, wanted: latestVersion }
  if (version > latestVersion) {
    throw new SyncError(
      'SCHEMA_OUTDATED',
      `Schema ${tables.schema} was migrated to version ${version} by a newer release, this one knows ${latestVersion}; upgrade @syncline/adapter-postgres`,
      { details },
    )
  }
  throw new SyncError(
    'SCHEMA_OUTDATED',
    `Schema ${tables.schema} has version ${version} of ${latestVersion}; run migrate() before using the store`,
    { details },
  )
}
