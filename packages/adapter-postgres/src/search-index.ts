import { SyncError } from '@syncline/core'
import { sql } from 'kysely'
import { connectDatabase, type DatabaseOptions } from './connect-database.ts'
import type { Session } from './database.ts'
import { extensionRefusal } from './pg-errors.ts'
import { checkVersion } from './schema-version.ts'
import type { Tables } from './tables.ts'

/** Sorted, so that two builders in one database install in the same order. */
const extensions = ['btree_gin', 'pg_trgm'] as const

const searchIndexName = 'resource_row_search'

/**
 * Builds the index that finds rare parts of names, e-mails and external ids among very many resources: from about
 * 100,000 on it is worth its price, which is about half the speed of first loads and half the size of the table.
 * Searches give the same answers without it. Writers go on meanwhile, and several builders wait for one another;
 * does nothing when the index is there.
 *
 * Needs the extensions pg_trgm and btree_gin, which come with PostgreSQL and which a user with the right to create
 * objects in the database may install; in PGlite, pass them in `extensions`. A million rows take some ten seconds to
 * half a minute: statement timeouts of the server are lifted meanwhile, but give a pool without `query_timeout`, and
 * not one behind a pooler that hands out connections per transaction.
 * @throws SEARCH_INDEX_UNAVAILABLE, STORE_UNAVAILABLE, STORE_FAILED, SCHEMA_OUTDATED
 */
export const buildSearchIndex = <HostTables>(options: DatabaseOptions<HostTables>): Promise<void> =>
  changingIndex(options, async (session, tables) => {
    if (await isReady(session, tables)) return
    for (const extension of extensions) await install(session, extension)
    const trigrams = sql.id(await schemaOf(session, 'pg_trgm'), 'gin_trgm_ops')
    // What an interrupted attempt left is of no use to anybody.
    await drop(session, tables)
    await session.run(sql`create index concurrently ${sql.id(searchIndexName)} on ${tables.rows}
      using gin ((scope_id + 0), (${sql.id(tables.schema, 'search_text')}(display_name, email, external_id)
        collate pg_catalog."C") ${trigrams})`)
  })

/** Removes the index that `buildSearchIndex` made. @throws STORE_UNAVAILABLE, STORE_FAILED, SCHEMA_OUTDATED */
export const dropSearchIndex = <HostTables>(options: DatabaseOptions<HostTables>): Promise<void> =>
  changingIndex(options, drop)

const drop = async (session: Session, { schema }: Tables): Promise<void> => {
  await session.run(sql`drop index concurrently if exists ${sql.id(schema, searchIndexName)}`)
}

/** One at a time, on a connection without time limits. */
async function changingIndex<HostTables>(
  options: DatabaseOptions<HostTables>,
  work: (session: Session, tables: Tables) => Promise<void>,
): Promise<void> {
  const { database, alone, tables, disconnect } = connectDatabase(options, checkVersion)
  try {
    await database.read(() => alone((session) => unhurried(session, () => locked(session, tables, work))))
  } finally {
    disconnect()
  }
}

/** Outside a transaction settings stay with the connection: they are put back. */
async function unhurried(session: Session, work: () => Promise<void>): Promise<void> {
  const [limits] = await session.run(
    sql<{
      statement: string
      lock: string
    }>`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`,
  )
  const set = (statement: string, lock: string): Promise<unknown> =>
    session.run(
      sql`select set_config('statement_timeout', ${statement}, false), set_config('lock_timeout', ${lock}, false)`,
    )
  await set('0', '0')
  try {
    await work()
  } finally {
    await set(limits?.statement ?? '0', limits?.lock ?? '0')
  }
}

async function locked(
  session: Session,
  tables: Tables,
  work: (session: Session, tables: Tables) => Promise<void>,
): Promise<void> {
  const key = sql`hashtextextended(${`syncline search index ${tables.schema}`}, 0)`
  // Asked again and again: who builds waits for every statement that began before, a waiting one included.
  for (;;) {
    const [lock] = await session.run(sql<{ taken: boolean }>`select pg_try_advisory_lock(${key}) as taken`)
    if (lock?.taken) break
    await session.run(sql`select pg_sleep(0.1)`)
  }
  try {
    await work(session, tables)
  } finally {
    await session.run(sql`select pg_advisory_unlock(${key})`)
  }
}

/** One that is being built, or whose building failed, is not. */
async function isReady(session: Session, { schema }: Tables): Promise<boolean> {
  const found = await session.run(sql`select 1 from pg_catalog.pg_index i
    where i.indexrelid = to_regclass(${`"${schema}"."${searchIndexName}"`}) and i.indisvalid`)
  return found.length > 0
}

async function install(session: Session, extension: string): Promise<void> {
  try {
    await session.run(sql`create extension if not exists ${sql.id(extension)}`)
  } catch (cause) {
    const code = extensionRefusal(cause)
    if (code === undefined) throw cause
    throw new SyncError(
      'SEARCH_INDEX_UNAVAILABLE',
      `The search index needs the extension ${extension}, which cannot be installed here (${code}); have an administrator run: create extension ${extension}`,
      { cause, details: { extension, code } },
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
