import { SyncError } from '@syncline/core'
import { sql } from 'kysely'
import { connectDatabase, type DatabaseOptions } from './connect-database.ts'
import type { Session } from './database.ts'
import { folded, foldingCollation, searchedColumns } from './resources/search.ts'
import { isSearchIndexReady, searchIndexName } from './resources/search-index.ts'
import { checkVersion } from './schema-version.ts'

const extensions = ['pg_trgm', 'btree_gin'] as const

/**
 * Builds the index that finds rare parts of names, e-mails and external ids among very many resources: from about
 * 100,000 on it is worth its price, which is about half the speed of first loads and a quarter of the size of the
 * table. Searches give the same answers without it. Writers go on meanwhile; does nothing when the index is there.
 *
 * Needs the extensions pg_trgm and btree_gin, which come with PostgreSQL and which a user with the right to create
 * objects in the database may install; in PGlite, pass them in `extensions`. Give a pool without a statement
 * timeout: a million rows take some ten seconds.
 * @throws STORE_UNAVAILABLE, STORE_FAILED, SCHEMA_OUTDATED
 */
export async function buildSearchIndex<HostTables>(options: DatabaseOptions<HostTables>): Promise<void> {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  try {
    await database.read(async (session) => {
      if (await isSearchIndexReady(session, tables)) return
      for (const extension of extensions) await install(session, extension)
      const schema = await schemaOf(session, 'pg_trgm')
      const collation = await foldingCollation(session)
      const columns = searchedColumns.map(
        (column) => sql`(${folded(column, collation)}) ${sql.id(schema, 'gin_trgm_ops')}`,
      )
      // What an interrupted attempt left is of no use to anybody.
      await session.run(sql`drop index concurrently if exists ${sql.id(tables.schema, searchIndexName)}`)
      await session.run(sql`create index concurrently ${sql.id(searchIndexName)} on ${tables.rows}
        using gin (scope_id ${sql.id(await schemaOf(session, 'btree_gin'), 'int4_ops')}, ${sql.join(columns)})`)
    })
  } finally {
    disconnect()
  }
}

/** Removes the index that `buildSearchIndex` made. @throws STORE_UNAVAILABLE, STORE_FAILED, SCHEMA_OUTDATED */
export async function dropSearchIndex<HostTables>(options: DatabaseOptions<HostTables>): Promise<void> {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  try {
    await database.read((session) =>
      session.run(sql`drop index concurrently if exists ${sql.id(tables.schema, searchIndexName)}`),
    )
  } finally {
    disconnect()
  }
}

async function install(session: Session, extension: string): Promise<void> {
  try {
    await session.run(sql`create extension if not exists ${sql.id(extension)}`)
  } catch (cause) {
    throw new SyncError(
      'STORE_FAILED',
      `The search index needs the extension ${extension}, which cannot be installed here; have an administrator run: create extension ${extension}`,
      { cause, details: { extension } },
    )
  }
}

/** Where an extension's operator classes are: anywhere, since the search path is the host's. */
async function schemaOf(session: Session, extension: string): Promise<string> {
  const [found] = await session.run(sql<{ schema: string }>`select n.nspname as schema
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = ${extension}`)
  return found?.schema ?? 'public'
}
