import type { AttributeSource, JsonObject, Owner, Profile, ProfileStore, ProfileWrite } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { connectDatabase, type DatabaseOptions } from '../connect-database.ts'
import type { Session } from '../database.ts'
import { checkVersion } from '../schema-version.ts'
import { documentReader, readJsonObject } from '../stored-documents.ts'
import { compact, exactText } from '../values.ts'
import { columnType, requireColumns, tableOf } from './host-table.ts'
import { perTenant } from './per-tenant.ts'
import {
  ownProfileTable,
  type ParsedProfileTable,
  type ProfileTable,
  parseProfileTable,
} from './profile-table.ts'
import { keyTable, requireServed, tenantValue } from './tenant-column.ts'

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
  readonly tenantId: string
  readonly types: ReadonlyMap<string, string>
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
  let known: ReadonlyMap<string, string> | undefined
  /** @throws TENANT_NOT_SERVED */
  const of = async (session: Session, tenantId: string): Promise<ProfileContext> => {
    const types = (known ??= await requireColumns(session, profiles.table, columnsOf(profiles)))
    const option = 'the option "profiles" of postgresProfileStore'
    requireServed({ ...profiles, column: profiles.columns.tenantId, option }, tenantId, types)
    return { profiles, tenantId, types }
  }
  return {
    read: (userIds, { tenantId }) =>
      database.read(async (session) => {
        const found = await readProfiles(session, await of(session, tenantId), { userIds, lock: false })
        return [...new Set(userIds)].map((userId) => found.get(userId) ?? noProfile(userId))
      }),
    write: (writes) =>
      database.write((session) =>
        perTenant(writes, async (tenantId, own) => writeProfiles(session, await of(session, tenantId), own)),
      ),
    async close() {
      disconnect()
    },
  }
}

const columnsOf = ({ columns: { fields, ...columns } }: ParsedProfileTable) => [
  ...Object.values(columns),
  ...Object.values(fields),
]

const idTypeOf = ({ profiles, types }: ProfileContext) =>
  columnType(types.get(profiles.columns.userId) ?? 'text')

const noProfile = (userId: string): Profile => ({ userId, attributes: {}, attributeSources: {}, version: '' })

async function readProfiles(
  session: Session,
  context: ProfileContext,
  { userIds, lock }: { readonly userIds: readonly string[]; readonly lock: boolean },
): Promise<ReadonlyMap<string, Profile>> {
  const { isPossible, ofText } = idTypeOf(context)
  const { profiles, tenantId, types } = context
  const { table, columns } = profiles
  const ids = session.arrays.text([...new Set(userIds)].filter(isPossible))
  const userId = sql.id('p', columns.userId)
  const { tenantId: column } = columns
  const tenant = column === undefined ? undefined : tenantValue(tenantId, types.get(column))
  const keys = keyTable({ rows: sql`unnest(${ids})`, names: sql`id`, tenant })
  const id = ofText(sql.ref('g.id'))
  const isOneOf =
    column === undefined
      ? sql`${userId} in (select ${id} from ${keys})`
      : sql`(${userId}, ${sql.id('p', column)}) in (select ${id}, g.tenant from ${keys})`
  const rows = await session.runPrepared(sql<ProfileRow>`select '=' || ${userId}::text as "userId",
      ${attributesOf(profiles)}::text as attributes,
      coalesce(${sql.id('p', columns.attributeSources)}::text, '{}') as sources, p.xmin::text as version
    from ${tableOf(table)} p
    where ${isOneOf}
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
  const { isPossible } = idTypeOf(context)
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
  { profiles, tenantId }: ProfileContext,
  made: readonly NewProfile[],
): Promise<readonly string[]> {
  if (made.length === 0 || !profiles.insertsRows) return []
  const { table, columns } = profiles
  const rows = made.map((profile) => ({
    ...keyOf(profiles, { tenantId, userId: profile.userId }),
    ...rowOf(profiles, profile),
  }))
  const names = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.id(name)))
  const inserted = await session.run(sql<{ userId: string }>`insert into ${tableOf(table)} as p (${names})
    select ${names} from json_populate_recordset(null::${tableOf(table)}, ${JSON.stringify(rows)}::json)
    on conflict do nothing returning '=' || ${sql.id('p', columns.userId)}::text as "userId"`)
  return inserted.map(({ userId }) => exactText(userId))
}

async function updateProfiles(
  session: Session,
  { profiles, tenantId }: ProfileContext,
  changed: readonly NewProfile[],
): Promise<void> {
  if (changed.length === 0) return
  const { table, columns } = profiles
  const rows = changed.map((profile) => ({
    ...keyOf(profiles, { tenantId, userId: profile.userId }),
    ...rowOf(profiles, profile),
  }))
  const key = Object.keys(keyOf(profiles, { tenantId, userId: '' }))
  const written = [columns.attributes, columns.attributeSources, ...Object.values(columns.fields)]
  await session.run(sql`update ${tableOf(table)} as p
    set ${sql.join(written.map((column) => sql`${sql.id(column)} = ${sql.id('g', column)}`))}
    from json_populate_recordset(null::${tableOf(table)}, ${JSON.stringify(rows)}::json) g
    where ${sql.join(
      key.map((column) => sql`${sql.id('p', column)} = ${sql.id('g', column)}`),
      sql` and `,
    )}`)
}

/** The columns that tell profiles apart. */
const keyOf = (
  { columns }: ParsedProfileTable,
  { tenantId, userId }: Owner & { readonly userId: string },
): Readonly<Record<string, string>> => ({
  [columns.userId]: userId,
  ...(columns.tenantId !== undefined && { [columns.tenantId]: tenantId }),
})

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
