import type { Resource } from '@syncline/core'
import { sql } from 'kysely'
import { readJsonObject } from '../stored-documents.ts'
import { compact, exactText, guardedText, msOf, optionalDate, optionalText } from '../values.ts'

export interface ResourceRow {
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
export const resourceColumns = sql`s.connector_id as "connectorId", s.resource_type as "resourceType",
  ${guardedText('r.external_id')} as "externalId", r.id::text as "resourceId",
  ${guardedText('r.display_name')} as "displayName", ${guardedText('r.email')} as email,
  r.attributes::text as attributes, r.parent_resource_type as "parentResourceType",
  ${guardedText('r.parent_external_id')} as "parentExternalId", r.sync_hash as hash, ${msOf('r.stale_since')} as "staleMs",
  (extract(epoch from case when r.stale_since is null then greatest(r.synced_at, s.confirmed_at)
    else r.synced_at end) * 1000)::float8 as "syncedMs",
  ${msOf('r.created_at')} as "createdMs"`

export function toResource(row: ResourceRow): Resource {
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
