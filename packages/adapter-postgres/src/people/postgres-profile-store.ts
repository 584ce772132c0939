import type { AttributeSource, JsonObject, Profile, ProfileStore, ProfileWrite } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { connectDatabase, type DatabaseOptions } from '../connect-database.ts'
import type { Session } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import { documentReader, readJsonObject } from '../stored-documents.ts'
import { compact, exactText } from '../values.ts'
import { type IdColumn, readIdColumn, tableOf } from './host-table.ts'
import {
  ownProfileTable,
  type ParsedProfileTable,
  type ProfileTable,
  parseProfileTable,
} from './profile-table.ts'

export type PostgresProfileStoreOptions<HostTables = unknown> = DatabaseOptions<HostTables> & {
  /** The host's own table of profiles. @default the table `user_profile` of the schema */
  readonly profiles?: ProfileTable | undefined
}

/** A profile store, and what takes it off the host's database. */
export interface PostgresProfileStore extends ProfileStore {
  /** Nothing of the host's is closed. */
  close(): Promise<void>
}

interface ProfileContext {
  readonly profiles: ParsedProfileTable
  readonly idColumn: (session: Session) => Promise<IdColumn>
}

interface ProfileRow {
  readonly userId: string
  readonly attributes: string
  readonly sources: string
  readonly version: string
}

/** A profile with the new values of its fields. */
interface NewProfile {
  readonly userId: string
  readonly attributes: JsonObject
  readonly attributeSources: Profile['attributeSources']
}

/**
 * Profiles in PostgreSQL or PGlite: in a table of the host's by the names of its columns, or in a table of ours. A
 * version is the transaction that wrote the row last, whoever that was, so a change of the host's is never written over.
 * @throws OPTIONS_INVALID
 */
export function postgresProfileStore<HostTables = unknown>(
  options: PostgresProfileStoreOptions<HostTables>,
): PostgresProfileStore {
  const { database, tables, disconnect } = connectDatabase(options, checkVersion)
  const profiles = parseProfileTable(options.profiles ?? ownProfileTable(tables.schema))
  let column: IdColumn | undefined
  const context: ProfileContext = {
    profiles,
    idColumn: async (session) =>
      (column ??= await readIdColumn(session, profiles.table, columnsOf(profiles))),
  }
  return {
    read: (userIds) =>
      database.read(async (session) => {
        const found = await readProfiles(session, context, { userIds, lock: false })
        return [...new Set(userIds)].map((userId) => found.get(userId) ?? noProfile(userId))
      }),
    write: (writes) => database.write((session) => writeProfiles(session, context, writes)),
    async close() {
      disconnect()
    },
  }
}

const columnsOf = ({ columns: { userId, attributes, attributeSources, fields } }: ParsedProfileTable) => ({
  id: userId,
  others: [attributes, attributeSources, ...Object.values(fields)],
})

const noProfile = (userId: string): Profile => ({ userId, attributes: {}, attributeSources: {}, version: '' })

async function readProfiles(
  session: Session,
  { profiles, idColumn }: ProfileContext,
  { userIds, lock }: { readonly userIds: readonly string[]; readonly lock: boolean },
): Promise<ReadonlyMap<string, Profile>> {
  const { isPossible, ofText } = await idColumn(session)
  const { table, columns } = profiles
  const ids = session.arrays.text([...new Set(userIds)].filter(isPossible))
  const userId = sql.id('p', columns.userId)
  const rows = await session.runPrepared(sql<ProfileRow>`select '=' || ${userId}::text as "userId",
      ${attributesOf(profiles)}::text as attributes,
      coalesce(${sql.id('p', columns.attributeSources)}::text, '{}') as sources, p.xmin::text as version
    from ${tableOf(table)} p
    where ${userId} in (select ${ofText(sql.ref('g.id'))} from unnest(${ids}) as g(id))
    ${lock ? sql`order by ${userId} for update of p` : sql``}`)
  return new Map(rows.map((row) => [exactText(row.userId), toProfile(row)]))
}

/** Fields with columns of their own stand beside the others. */
function attributesOf({ columns: { attributes, fields } }: ParsedProfileTable): RawBuilder<unknown> {
  const own = Object.entries(fields).map(
    ([field, column]) => sql`${field}::text, ${sql.id('p', column)}::text`,
  )
  const rest = sql.id('p', attributes)
  if (own.length === 0) return sql`coalesce(${rest}::text, '{}')`
  return sql`(coalesce(${rest}::jsonb, '{}') || jsonb_strip_nulls(jsonb_build_object(${sql.join(own)})))`
}

const sources: z.ZodType<Readonly<Record<string, AttributeSource>>> = z.record(
  z.string(),
  z.object({
    source: z.enum(['manual', 'oidc', 'workflow', 'connector']),
    connectorId: z.string().optional(),
    resourceType: z.string().optional(),
    sourcePath: z.string().optional(),
  }),
)
const readSources = documentReader(sources)

const toProfile = (row: ProfileRow): Profile => ({
  userId: exactText(row.userId),
  attributes: readJsonObject(row.attributes),
  attributeSources: readSources(row.sources),
  version: row.version,
})

/** Rows are locked and compared with the versions the changes were decided on; what is not the same is left alone. */
async function writeProfiles(
  session: Session,
  context: ProfileContext,
  writes: readonly ProfileWrite[],
): Promise<readonly string[]> {
  const { isPossible } = await context.idColumn(session)
  const possible = writes.filter(({ userId }) => isPossible(userId))
  const userIds = possible.map(({ userId }) => userId)
  const found = await readProfiles(session, context, { userIds, lock: true })
  const current = possible.filter(({ userId, version }) => (found.get(userId)?.version ?? '') === version)
  const made = current.filter(({ userId }) => !found.has(userId))
  const inserted = await insertProfiles(
    session,
    context,
    made.map((write) => apply(noProfile(write.userId), write)),
  )
  const changed = current.flatMap((write) => {
    const before = found.get(write.userId)
    return before ? [apply(before, write)] : []
  })
  await updateProfiles(session, context, changed)
  const written = new Set([...inserted, ...changed.map(({ userId }) => userId)])
  return writes.flatMap(({ userId }) => (written.has(userId) ? userId : []))
}

function apply(profile: Profile, { changes }: ProfileWrite): NewProfile {
  const attributes = new Map(Object.entries(profile.attributes))
  const attributeSources = new Map(Object.entries(profile.attributeSources))
  for (const { field, to, source } of changes) {
    if (to === undefined) attributes.delete(field)
    else attributes.set(field, to)
    attributeSources.set(field, compact(source))
  }
  return {
    userId: profile.userId,
    attributes: Object.fromEntries(attributes),
    attributeSources: Object.fromEntries(attributeSources),
  }
}

/** Ids of those that had no row until now. */
async function insertProfiles(
  session: Session,
  { profiles }: ProfileContext,
  made: readonly NewProfile[],
): Promise<readonly string[]> {
  if (made.length === 0 || !profiles.insertsRows) return []
  const { table, columns } = profiles
  const rows = made.map((profile) => ({ [columns.userId]: profile.userId, ...rowOf(profiles, profile) }))
  const names = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.id(name)))
  const inserted = await session.run(sql<{ userId: string }>`insert into ${tableOf(table)} as p (${names})
    select ${names} from json_populate_recordset(null::${tableOf(table)}, ${JSON.stringify(rows)}::json)
    on conflict do nothing returning '=' || ${sql.id('p', columns.userId)}::text as "userId"`)
  return inserted.map(({ userId }) => exactText(userId))
}

async function updateProfiles(
  session: Session,
  { profiles }: ProfileContext,
  changed: readonly NewProfile[],
): Promise<void> {
  if (changed.length === 0) return
  const { table, columns } = profiles
  const rows = changed.map((profile) => ({ [columns.userId]: profile.userId, ...rowOf(profiles, profile) }))
  const written = [columns.attributes, columns.attributeSources, ...Object.values(columns.fields)]
  await session.run(sql`update ${tableOf(table)} as p
    set ${sql.join(written.map((column) => sql`${sql.id(column)} = ${sql.id('g', column)}`))}
    from json_populate_recordset(null::${tableOf(table)}, ${JSON.stringify(rows)}::json) g
    where ${sql.id('p', columns.userId)} = ${sql.id('g', columns.userId)}`)
}

/** The columns of a profile, as JSON that PostgreSQL makes their types of. */
function rowOf(
  { columns }: ParsedProfileTable,
  { attributes, attributeSources }: NewProfile,
): Readonly<Record<string, unknown>> {
  const own = new Set(Object.keys(columns.fields))
  return {
    [columns.attributes]: Object.fromEntries(Object.entries(attributes).filter(([field]) => !own.has(field))),
    [columns.attributeSources]: attributeSources,
    ...Object.fromEntries(
      Object.entries(columns.fields).map(([field, column]) => [
        column,
        Object.hasOwn(attributes, field) ? attributes[field] : null,
      ]),
    ),
  }
}
