import type { Resource } from '../model/resource.ts'
import type { Scope } from '../model/scope.ts'
import type { ResourceQuery, ResourceSlice } from '../ports/resource-store.ts'
import { compareCodePoints } from './compare-code-points.ts'
import type { MemoryState, ScopeData, StoredRow } from './memory-state.ts'
import { parseAttributes } from './plan-page.ts'

/** When upstream last confirmed a row: by writing it, or with everything that was live. */
export const syncedAt = (data: ScopeData, row: StoredRow): number =>
  row.staleSince === undefined ? Math.max(row.syncedAt, data.confirmedAt) : row.syncedAt

/** A row as the port shows it. */
export function toResource(scope: Scope, data: ScopeData, row: StoredRow): Resource {
  return {
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    externalId: row.externalId,
    resourceId: row.resourceId,
    displayName: row.displayName,
    email: row.email,
    attributes: parseAttributes(row.attributesJson),
    ...(row.parent && { parent: { ...row.parent } }),
    hash: row.hash,
    ...(row.staleSince !== undefined && { staleSince: new Date(row.staleSince) }),
    syncedAt: new Date(syncedAt(data, row)),
    createdAt: new Date(row.createdAt),
  }
}

/** The resources a query means, in order, one at a time. */
export function* findRows(
  state: MemoryState,
  query: ResourceQuery & Pick<ResourceSlice, 'after'>,
): Generator<{ scope: Scope; data: ScopeData; row: StoredRow }> {
  const { connectorId, tenantId, after } = query
  const connector = state.connectors.get(connectorId)
  if (!connector) return
  if (tenantId !== undefined && tenantId !== connector.definition.tenantId) return
  const { scopes } = connector
  const types = query.resourceType === undefined ? [...scopes.keys()] : [query.resourceType]
  for (const resourceType of types.toSorted(compareCodePoints)) {
    const data = scopes.get(resourceType)
    const order = after ? compareCodePoints(resourceType, after.resourceType) : 1
    if (!data || order < 0) continue
    const ids = sortedIds(data)
    for (
      let index = order === 0 && after ? placeAfter(ids, after.externalId) : 0;
      index < ids.length;
      index += 1
    ) {
      const row = data.rows.get(ids[index] ?? '')
      if (row && matches(row, query)) yield { scope: { connectorId, resourceType }, data, row }
    }
  }
}

function sortedIds(data: ScopeData): readonly string[] {
  data.sortedIds ??= [...data.rows.keys()].toSorted(compareCodePoints)
  return data.sortedIds
}

/** Index of the first id that comes after the given one, by bisection. */
function placeAfter(ids: readonly string[], externalId: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareCodePoints(ids[middle] ?? '', externalId) > 0) high = middle
    else low = middle + 1
  }
  return low
}

function matches(row: StoredRow, { stale, search }: ResourceQuery): boolean {
  if (stale !== undefined && stale !== (row.staleSince !== undefined)) return false
  return search === undefined || isFoundIn(search, [row.displayName, row.email ?? '', row.externalId])
}

/** Whether one of the texts has this part, whatever the case. */
export function isFoundIn(search: string, texts: readonly string[]): boolean {
  // Half a character is part of none.
  if (!search.isWellFormed()) return false
  const part = foldCase(search)
  return texts.some((text) => foldCase(text).includes(part))
}

/** Lower case by Unicode; a sigma is a sigma, so that the fold of a part is a part of the fold. */
const foldCase = (text: string): string => text.toLowerCase().replaceAll('\u03c2', '\u03c3')
