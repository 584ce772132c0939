import { SyncError } from '../errors.ts'
import { defaultGroupIds, defaultMemberIds } from '../filtering/membership.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { ConnectorType } from '../ports/connector.ts'
import type { Store } from '../ports/store.ts'
import { classifyThrown } from './classify-error.ts'

const sliceSize = 1_000

/**
 * Who belongs to a live synced group of the connector, for `memberOfSyncedGroups`. Membership may stand on the
 * user (its groups) or on the group (its members); either is enough. Holds the ids of all live groups and their
 * members in memory while the run lasts.
 * @throws GROUPS_NOT_SYNCED when no full sync of groups has completed: an empty list would exclude everyone
 */
export async function loadMembership(
  store: Store,
  request: { readonly connectorId: string; readonly type: ConnectorType; readonly resourceType: string },
): Promise<(record: UpstreamRecord) => boolean> {
  const { connectorId, type, resourceType } = request
  await requireSyncedGroups(store, connectorId)
  const groupIdsOf = type.resourceTypes[resourceType]?.groupIds ?? defaultGroupIds
  const memberIdsOf = type.resourceTypes.group?.memberIds ?? defaultMemberIds
  const groups = new Set<string>()
  const members = new Set<string>()
  let after: { resourceType: string; externalId: string } | undefined
  for (;;) {
    const query = { connectorId, resourceType: 'group', stale: false, limit: sliceSize }
    const slice = await store.resources.find({ ...query, after })
    for (const group of slice) {
      groups.add(group.externalId)
      for (const member of callAuthor(() => memberIdsOf(group))) members.add(member)
    }
    after = slice.at(-1)
    if (slice.length < sliceSize) break
  }
  return (record) =>
    members.has(record.externalId) || callAuthor(() => groupIdsOf(record)).some((id) => groups.has(id))
}

/** Code of the connector: what it throws is the connector's failure, and never means that a user is in no group. */
function callAuthor<Answer>(call: () => Answer): Answer {
  try {
    return call()
  } catch (error) {
    throw classifyThrown(error)
  }
}

async function requireSyncedGroups(store: Store, connectorId: string): Promise<void> {
  // A watermark is set by complete runs only, the first of which is full.
  const config = await store.configs.get({ connectorId, resourceType: 'group' })
  if (config?.watermark !== undefined) return
  throw new SyncError(
    'GROUPS_NOT_SYNCED',
    `memberOfSyncedGroups needs the groups of connector "${connectorId}": run a full sync of "group" first`,
    { details: { connectorId } },
  )
}
