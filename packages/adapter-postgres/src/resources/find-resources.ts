import type { Resource, ResourceQuery, ResourceSlice } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import { readJsonObject } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { compact, exactText, guardedText, msOf, optionalDate, optionalText } from '../values.ts'

interface ResourceRow {
  readonly connectorId: string
  readonly resourceType: string
  readonly externalId: string
  readonly resourceId: string
  readonly displayName: string
  readonly email: string | null
  readonly attributes: string
  readonly parentResourceType: string | null
  readonly parentExternalId: string | null
  readonly hash: string
  readonly staleMs: number | null
  readonly syncedMs: number
  readonly createdMs: number
}

/** `synced_at` is derived as in the view `connector_resource`, which hosts read. */
const columns = sql`s.connector_id as "connectorId", s.resource_type as "resourceType",
  ${guardedText('r.external_id')} as "externalId", r.id::text as "resourceId",
  ${guardedText('r.display_name')} as "displayName", ${guardedText('r.email')} as email,
  r.attributes::text as attributes, r.parent_resource_type as "parentResourceType",
  ${guardedText('r.parent_external_id')} as "parentExternalId", r.sync_hash as hash, ${msOf('r.stale_since')} as "staleMs",
  (extract(epoch from case when r.stale_since is null then greatest(r.synced_at, s.confirmed_at)
    else r.synced_at end) * 1000)::float8 as "syncedMs",
  ${msOf('r.created_at')} as "createdMs"`

export async function getResource(
  session: Session,
  tables: Tables,
  ref: { readonly connectorId: string; readonly resourceType: string; readonly externalId: string },
): Promise<Resource | undefined> {
  const [row] = await session.run(sql<ResourceRow>`select ${columns}
    from ${tables.scopes} s join ${tables.rows} r on r.scope_id = s.id
    where s.connector_id = ${ref.connectorId} and s.resource_type = ${ref.resourceType}
      and r.external_id = ${ref.externalId}`)
  return row && toResource(row)
}

/** A part of the result. Each scope gives its own first rows along the unique index; they are few, and merged. */
export async function findResources(
  session: Session,
  tables: Tables,
  slice: ResourceSlice,
): Promise<readonly Resource[]> {
  const { after, limit, offset = 0 } = slice
  const matching = await conditions(session, slice)
  const scopes = after ? sql`and s.resource_type >= ${after.resourceType}` : sql``
  // An expression per scope, not a choice of conditions: the index can begin there.
  const rows = after
    ? sql`and r.external_id > case when s.resource_type = ${after.resourceType}
        then ${after.externalId} else '' end collate "C"`
    : sql``
  const found = await session.run(sql<ResourceRow>`select f.* from (
      select s.* from ${tables.scopes} s where ${ofConnector(slice)} ${scopes}
    ) s cross join lateral (
      select ${columns}, r.external_id as place from ${tables.rows} r where r.scope_id = s.id and ${matching} ${rows}
      order by r.external_id limit ${limit + offset}::bigint
    ) f
    order by f."resourceType", f.place limit ${limit}::bigint offset ${offset}::bigint`)
  return found.map(toResource)
}

export async function countResources(
  session: Session,
  tables: Tables,
  query: ResourceQuery,
): Promise<number> {
  const matching = await conditions(session, query)
  const [row] = await session.run(sql<{ count: number }>`select count(*)::int as count
    from ${tables.scopes} s join ${tables.rows} r on r.scope_id = s.id
    where ${ofConnector(query)} and ${matching}`)
  return row?.count ?? 0
}

const ofConnector = ({ connectorId, resourceType }: ResourceQuery): RawBuilder<unknown> =>
  resourceType === undefined
    ? sql`s.connector_id = ${connectorId}`
    : sql`s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`

async function conditions(session: Session, query: ResourceQuery): Promise<RawBuilder<unknown>> {
  const { stale, search } = query
  const all = [sql`true`]
  if (stale !== undefined) all.push(stale ? sql`r.stale_since is not null` : sql`r.stale_since is null`)
  if (search !== undefined && search !== '') {
    const collation = await foldingCollation(session)
    const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`
    const holds = ['r.display_name', 'r.email', 'r.external_id'].map(
      (column) => sql`${sql.ref(column)} collate ${collation} ilike ${pattern}`,
    )
    all.push(sql`(${sql.join(holds, sql` or `)})`)
  }
  return sql.join(all, sql` and `)
}

/** In databases with C locale only ASCII letters have two cases; ICU, nearly always built in, knows them all. */
async function foldingCollation(session: Session): Promise<RawBuilder<unknown>> {
  const icu = await session.run(sql`select 1 from pg_catalog.pg_collation where collname = 'und-x-icu'`)
  return icu.length > 0 ? sql`pg_catalog."und-x-icu"` : sql`pg_catalog."default"`
}

function toResource(row: ResourceRow): Resource {
  const { parentResourceType, parentExternalId } = row
  return compact<Resource>({
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    externalId: exactText(row.externalId),
    resourceId: row.resourceId,
    displayName: exactText(row.displayName),
    email: optionalText(row.email) ?? null,
    attributes: readJsonObject(row.attributes),
    parent:
      parentResourceType !== null && parentExternalId !== null
        ? { resourceType: parentResourceType, externalId: exactText(parentExternalId) }
        : undefined,
    hash: row.hash,
    staleSince: optionalDate(row.staleMs),
    syncedAt: new Date(row.syncedMs),
    createdAt: new Date(row.createdMs),
  })
}
