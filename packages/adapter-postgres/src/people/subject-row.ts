import type { MatchSubject, Scope, SubjectResource } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { readJsonObject } from '../stored-documents.ts'
import { exactText, guardedText, msOf } from '../values.ts'
import { type MatchRow, matchColumns, toMatch } from './match-row.ts'

/** What post-sync reads of a resource. */
interface SubjectResourceRow {
  readonly resourceId: string
  readonly displayName: string
  readonly email: string | null
  /** Null where they were not asked for. */
  readonly attributes: string | null
  readonly parentResourceType: string | null
  readonly parentExternalId: string | null
  readonly staleMs: number | null
}

/** A resource, a match row, or both: the columns of the one that is not there are null. */
export type SubjectRow = { readonly externalId: string } & {
  readonly [Column in keyof SubjectResourceRow]: SubjectResourceRow[Column] | null
} & { readonly [Column in keyof MatchRow]: MatchRow[Column] | null }

interface WithAttributes {
  readonly attributes: boolean
}

/** Columns of a `SubjectRow`, of a resource called `r` and a match row called `m`. */
export const subjectColumns = (needs: WithAttributes): RawBuilder<unknown> =>
  sql`'=' || coalesce(r.external_id, m.external_id) as "externalId", ${resourcePart(needs)}, ${matchColumns}`

/** The rows of a resource called `r`, and of a match called `m`, when they are read on their own. */
export type LiveRow = { readonly externalId: string } & SubjectResourceRow
export type KeptMatchRow = { readonly externalId: string } & MatchRow

export const liveColumns = (needs: WithAttributes): RawBuilder<unknown> =>
  sql`${guardedText('r.external_id')} as "externalId", ${resourcePart(needs)}`

export const keptMatchColumns: RawBuilder<unknown> = sql`${guardedText('m.external_id')} as "externalId", ${matchColumns}`

const resourcePart = ({ attributes }: WithAttributes): RawBuilder<unknown> =>
  sql`r.id::text as "resourceId", ${guardedText('r.display_name')} as "displayName",
    ${guardedText('r.email')} as email, ${attributes ? sql`r.attributes::text` : sql`null::text`} as attributes,
    r.parent_resource_type as "parentResourceType", ${guardedText('r.parent_external_id')} as "parentExternalId",
    ${msOf('r.stale_since')} as "staleMs"`

/** A resource with the match row it has, if it has one. */
export function toLiveSubject(
  { connectorId, resourceType }: Scope,
  row: LiveRow,
  match: KeptMatchRow | undefined,
): MatchSubject {
  const externalId = exactText(row.externalId)
  const ref = { connectorId, resourceType, externalId }
  const resource = toSubjectResource(row, ref)
  return match ? { externalId, resource, match: toMatch(match, ref) } : { externalId, resource }
}

export function toSubject({ connectorId, resourceType }: Scope, row: SubjectRow): MatchSubject {
  const externalId = exactText(row.externalId)
  const ref = { connectorId, resourceType, externalId }
  const subject: { -readonly [Field in keyof MatchSubject]: MatchSubject[Field] } = { externalId }
  if (isResource(row)) subject.resource = toSubjectResource(row, ref)
  if (isMatch(row)) subject.match = toMatch(row, ref)
  return subject
}

const isResource = (row: SubjectRow): row is SubjectRow & SubjectResourceRow => row.resourceId !== null
const isMatch = (row: SubjectRow): row is SubjectRow & MatchRow => row.matchId !== null

function toSubjectResource(
  row: SubjectResourceRow,
  ref: Pick<SubjectResource, 'connectorId' | 'resourceType' | 'externalId'>,
): SubjectResource {
  const resource: { -readonly [Field in keyof SubjectResource]: SubjectResource[Field] } = {
    ...ref,
    resourceId: row.resourceId,
    displayName: exactText(row.displayName),
    email: row.email === null ? null : exactText(row.email),
    attributes: row.attributes === null ? {} : readJsonObject(row.attributes),
  }
  if (row.parentResourceType !== null && row.parentExternalId !== null) {
    resource.parent = { resourceType: row.parentResourceType, externalId: exactText(row.parentExternalId) }
  }
  if (row.staleMs !== null) resource.staleSince = new Date(row.staleMs)
  return resource
}
