import type { UpstreamRecord } from '@syncline/core'
import type { LdapConfig } from '../config/config-schema.ts'
import type { DirectoryMap } from '../config/directory-map.ts'
import { wholeEntry } from '../directory/all-values.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { containingGroups } from '../membership/containing-groups.ts'
import { memberSources } from '../membership/direct-members.ts'
import type { LookupPlace } from '../membership/entry-lookup.ts'
import { groupMembers } from '../membership/group-members.ts'
import { userGroups } from '../membership/user-groups.ts'
import { accountSources, isActive } from '../records/account-state.ts'
import { entryRecord, recordSources } from '../records/entry-record.ts'

/** A page of entries that become records. */
interface EntryPage {
  readonly entries: readonly LdapEntry[]
  readonly place: LookupPlace
  readonly config: LdapConfig
  /** Whether only what changed is listed. */
  readonly incremental: boolean
}

/** How entries of one resource type are read and made into records. */
export interface ListedType {
  readonly resourceType: 'user' | 'group'
  /** Entries asked for at once, whatever the host would like. */
  readonly maxPageSize: number
  /** LDAP attributes to ask for. */
  sources(map: DirectoryMap): readonly string[]
  /** Whether making records takes searches of its own. */
  needsLookups(map: DirectoryMap): boolean
  toRecords(page: EntryPage): Promise<readonly UpstreamRecord[]>
}

export const listedUsers: ListedType = {
  resourceType: 'user',
  // Active Directory gives no more anyway.
  maxPageSize: 1_000,
  sources: (map) => [
    ...recordSources(map.id, map.user),
    ...accountSources,
    ...(map.memberOfAttribute === undefined ? [] : [map.memberOfAttribute]),
    ...(map.activeDirectory ? ['objectSid', 'primaryGroupID'] : []),
  ],
  needsLookups: (map) => map.memberOfAttribute !== undefined,
  async toRecords({ entries, place, config }) {
    const { id, user } = place.map
    const maxValues = config.maxMembers
    const users = await Promise.all(entries.map((entry) => wholeEntry(place.searcher, entry, { maxValues })))
    const groupsOf = await userGroups(place, users)
    return users.map((entry) => {
      const { groups, unresolved = [] } = groupsOf?.(entry) ?? {}
      const unresolvedGroups = unresolved.length > 0 ? unresolved : undefined
      return entryRecord(entry, {
        id,
        map: user,
        extras: { active: isActive(entry), groups, unresolvedGroups },
      })
    })
  },
}

const groupSources = (map: DirectoryMap): readonly string[] => [
  ...recordSources(map.id, map.group),
  ...memberSources(map),
]

export const listedGroups: ListedType = {
  resourceType: 'group',
  // Every group takes searches of its own, and a page must come within the engine's deadline.
  maxPageSize: 100,
  sources: groupSources,
  needsLookups: () => true,
  async toRecords({ entries, place, config, incremental }) {
    const { id, group } = place.map
    const above =
      incremental && config.membership === 'nested'
        ? await containingGroups(place, config, { groups: entries, attributes: groupSources(place.map) })
        : []
    const records: UpstreamRecord[] = []
    for (const found of [...entries, ...above]) {
      const entry = await wholeEntry(place.searcher, found, {
        maxValues: config.maxMembers,
        butFor: place.map.memberAttributes,
      })
      const { members, memberGroups, unresolved } = await groupMembers(place, config, entry)
      const unresolvedMembers = unresolved.length > 0 ? unresolved : undefined
      records.push(
        entryRecord(entry, { id, map: group, extras: { members, memberGroups, unresolvedMembers } }),
      )
    }
    return records
  },
}
