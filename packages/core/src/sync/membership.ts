import { isSyncError, SyncError } from '../errors.ts'
import { defaultGroupIds, defaultMemberIds } from '../filtering/membership.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { ConnectorType } from '../ports/connector.ts'
import type { Store } from '../ports/store.ts'
import { classifyThrown } from './classify-error.ts'
import { lastChangeAfter } from './last-change.ts'

/** Whether a user belongs to a live synced group. @throws GROUPS_INCOMPLETE when that cannot be known */
type Membership = (record: UpstreamRecord) => boolean

interface MembershipRequest {
  readonly connectorId: string
  readonly type: ConnectorType
  readonly resourceType: string
}

/** Loads who belongs to the groups of connectors, for `memberOfSyncedGroups`. */
export interface Memberships {
  /**
   * Membership may be stored on the user (its groups) or on the group (its members); either is enough. What was loaded
   * is kept until a group changes, and shared by callers at the same time.
   * @throws GROUPS_NOT_SYNCED when no full sync of groups has completed: an empty list would exclude everyone
   */
  load(request: MembershipRequest): Promise<Membership>
}

/** The groups of one connector, as they were at a position of their change log. */
interface LoadedGroups {
  readonly type: ConnectorType
  readonly watermark: string
  readonly position: number
  readonly groups: ReadonlySet<string>
  readonly members: ReadonlySet<string>
}

export interface MembershipOptions {
  readonly store: Store
  /** Lets whatever waits on the event loop go first. */
  readonly nextTurn: () => Promise<void>
}

/** Most connectors whose groups are kept in memory. */
const mostKept = 8
const largestSlice = 1_000
/** Members that are added before the event loop gets its turn. */
const membersPerTurn = 10_000
const groupType = 'group'

export function createMemberships(options: MembershipOptions): Memberships {
  const kept = new Map<string, LoadedGroups>()
  const loading = new Map<string, Promise<LoadedGroups>>()

  const loadNow = async (connectorId: string, type: ConnectorType): Promise<LoadedGroups> => {
    const before = kept.get(connectorId)
    const loaded = await loadGroups(options, { connectorId, type, before })
    kept.delete(connectorId)
    kept.set(connectorId, loaded)
    const [oldest] = kept.keys()
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
    return loaded
  }
  /** Groups that are at least as new as this call. */
  const current = async (connectorId: string, type: ConnectorType): Promise<LoadedGroups> => {
    for (;;) {
      const known = kept.get(connectorId)
      if (known && (await isCurrent(options.store, { known, connectorId, type }))) return known
      const others = loading.get(connectorId)
      if (!others) break
      // It may have begun before a change that this caller must see: what it loaded is checked.
      await others.catch(() => undefined)
    }
    const own = loadNow(connectorId, type)
    loading.set(connectorId, own)
    try {
      return await own
    } finally {
      loading.delete(connectorId)
    }
  }
  return {
    async load({ connectorId, type, resourceType }) {
      await requireWatermark(options.store, connectorId)
      const [{ groups, members }, unreadable] = await Promise.all([
        current(connectorId, type),
        unreadableGroups(options.store, connectorId),
      ])
      const groupIdsOf = type.resourceTypes[resourceType]?.groupIds ?? defaultGroupIds
      return (record) => {
        if (members.has(record.externalId)) return true
        if (callAuthor(() => groupIdsOf(record)).some((id) => groups.has(id))) return true
        if (unreadable.length > 0) throw groupsIncomplete(connectorId, unreadable)
        return false
      }
    },
  }
}

async function isCurrent(
  store: Store,
  of: { readonly known: LoadedGroups; readonly connectorId: string; readonly type: ConnectorType },
): Promise<boolean> {
  const { known, connectorId, type } = of
  // A connector that was removed and made again counts its changes anew, and has no watermark or another one.
  if (known.type !== type || known.watermark !== (await requireWatermark(store, connectorId))) return false
  const scope = { connectorId, resourceType: groupType }
  try {
    return (await store.changes.read({ scope, after: known.position, limit: 1 })).length === 0
  } catch (error) {
    if (isSyncError(error, 'CHANGES_EXPIRED')) return false
    throw error
  }
}

async function loadGroups(
  { store, nextTurn }: MembershipOptions,
  of: {
    readonly connectorId: string
    readonly type: ConnectorType
    readonly before: LoadedGroups | undefined
  },
): Promise<LoadedGroups> {
  const { connectorId, type, before } = of
  const watermark = await requireWatermark(store, connectorId)
  const from = before?.watermark === watermark ? before.position : 0
  // Before the first group is read: a change that comes meanwhile is after it.
  const position = await lastChangeAfter(store.changes, { connectorId, resourceType: groupType }, from)
  const memberIdsOf = type.resourceTypes[groupType]?.memberIds ?? defaultMemberIds
  const groups = new Set<string>()
  const members = new Set<string>()
  let after: { resourceType: string; externalId: string } | undefined
  // A group may have 1 MiB of members: slices grow only while they are cheap.
  let limit = 10
  for (;;) {
    const query = { connectorId, resourceType: groupType, stale: false, limit }
    const slice = await store.resources.find({ ...query, after })
    let added = 0
    for (const group of slice) {
      groups.add(group.externalId)
      for (const member of callAuthor(() => memberIdsOf(group))) {
        members.add(member)
        added += 1
        if (added % membersPerTurn === 0) await nextTurn()
      }
    }
    if (slice.length < limit) return { type, watermark, position, groups, members }
    after = slice.at(-1)
    limit = added < membersPerTurn ? Math.min(2 * limit, largestSlice) : Math.max(1, Math.floor(limit / 2))
    await nextTurn()
  }
}

/** Code of the connector: what it throws is the connector's failure, and never means that a user is in no group. */
function callAuthor<Answer>(call: () => Answer): Answer {
  try {
    return call()
  } catch (error) {
    throw classifyThrown(error)
  }
}

/** @throws GROUPS_NOT_SYNCED */
async function requireWatermark(store: Store, connectorId: string): Promise<string> {
  // A watermark is set by complete runs only, the first of which is full.
  const config = await store.configs.get({ connectorId, resourceType: groupType })
  if (config?.watermark !== undefined) return config.watermark
  throw new SyncError(
    'GROUPS_NOT_SYNCED',
    `memberOfSyncedGroups needs the groups of connector "${connectorId}": run a full sync of "group" first`,
    { details: { connectorId } },
  )
}

const groupsNamed = 5

/** Groups in quarantine: their members, and whether they are wanted, are not known. */
async function unreadableGroups(store: Store, connectorId: string): Promise<readonly string[]> {
  const scope = { connectorId, resourceType: groupType }
  const entries = await store.quarantine.list({ scope, limit: groupsNamed })
  return entries.map(({ externalId }) => externalId ?? 'a group without a readable id')
}

function groupsIncomplete(connectorId: string, groups: readonly string[]): SyncError {
  return new SyncError(
    'GROUPS_INCOMPLETE',
    `memberOfSyncedGroups cannot decide about a user of connector "${connectorId}": groups are in quarantine (${groups
      .map((group) => JSON.stringify(group))
      .join(
        ', ',
      )}), so their members are not known. Look at quarantine.list, fix them upstream and sync "group"`,
    { details: { connectorId, groups: [...groups] } },
  )
}
