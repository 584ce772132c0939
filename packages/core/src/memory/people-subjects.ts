import type { Match, MatchSubject, SubjectResource, UserLink } from '../model/match.ts'
import type { Owner } from '../model/owner.ts'
import type { Resource } from '../model/resource.ts'
import type { Scope } from '../model/scope.ts'
import type { MatchQuery, SubjectSlice } from '../ports/people-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import { findRows, isFoundIn, toResource } from './find-rows.ts'
import { copyOf, type MemoryState, readScope, type ScopeData } from './memory-state.ts'

/** A resource and its match row, whichever there are. */
export function subjectOf(
  scope: Scope,
  data: ScopeData,
  { externalId, attributes = true }: { readonly externalId: string } & Pick<SubjectSlice, 'attributes'>,
): MatchSubject {
  const row = data.rows.get(externalId)
  const match = data.people.matches.get(externalId)
  const resource = row && toSubjectResource(toResource(scope, data, row))
  return {
    externalId,
    ...(resource && { resource: attributes ? resource : { ...resource, attributes: {} } }),
    ...(match && { match: copyOf(match) }),
  }
}

function toSubjectResource(resource: Resource): SubjectResource {
  const { hash: _hash, syncedAt: _syncedAt, createdAt: _createdAt, ...rest } = resource
  return rest
}

/** Whether a resource is there and not stale. */
export function isLive(data: ScopeData, externalId: string): boolean {
  const row = data.rows.get(externalId)
  return row !== undefined && row.staleSince === undefined
}

export function readSubjects(state: MemoryState, slice: SubjectSlice): readonly MatchSubject[] {
  const { connectorId, resourceType } = slice.scope
  const scope = { connectorId, resourceType }
  const data = readScope(state, scope)
  if (!data) return []
  const found: MatchSubject[] = []
  for (const externalId of idsOf(state, data, slice)) {
    if (found.length >= slice.limit) break
    found.push(subjectOf(scope, data, { externalId, attributes: slice.attributes }))
  }
  return found
}

function* idsOf(state: MemoryState, data: ScopeData, slice: SubjectSlice): Generator<string> {
  const { scope, which, after } = slice
  const { matches } = data.people
  if (which === 'absent_linked') {
    const absent = [...matches.values()].filter(
      ({ userId, externalId }) =>
        userId !== undefined &&
        !isLive(data, externalId) &&
        (after === undefined || compareCodePoints(externalId, after) > 0),
    )
    yield* absent.map(({ externalId }) => externalId).toSorted(compareCodePoints)
    return
  }
  const from = after === undefined ? undefined : { resourceType: scope.resourceType, externalId: after }
  for (const { row } of findRows(state, { ...scope, stale: false, after: from })) {
    if (which === 'live' || matches.get(row.externalId)?.userId !== undefined) yield row.externalId
  }
}

/** Every row of any scope of the tenant that holds one of the users. */
export function linksOf(
  state: MemoryState,
  userIds: readonly string[],
  { tenantId }: Owner,
): readonly UserLink[] {
  const links: UserLink[] = []
  for (const [connectorId, { definition, scopes }] of state.connectors) {
    if (definition.tenantId !== tenantId) continue
    for (const [resourceType, data] of scopes) {
      for (const userId of new Set(userIds)) {
        for (const externalId of data.people.linked.get(userId) ?? []) {
          links.push({ userId, connectorId, resourceType, externalId, live: isLive(data, externalId) })
        }
      }
    }
  }
  return links
}

/** Match rows in order; not copied. */
export function findMatches(state: MemoryState, query: MatchQuery): readonly Match[] {
  const { status, search } = query
  const matches = readScope(state, query)?.people.matches.values() ?? []
  return [...matches]
    .filter(
      ({ matchStatus, externalId, externalEmail = '', externalDisplayName }) =>
        (status === undefined || status === matchStatus) &&
        (search === undefined || isFoundIn(search, [externalDisplayName, externalEmail, externalId])),
    )
    .toSorted((left, right) => compareCodePoints(left.externalId, right.externalId))
}
