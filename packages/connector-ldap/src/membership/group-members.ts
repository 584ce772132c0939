import { PresenceFilter } from 'ldapts'
import type { LdapConfig } from '../config/config-schema.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { searchFew } from '../directory/search.ts'
import { recordId } from '../records/record-id.ts'
import { directMembers, memberSources, tooMany } from './direct-members.ts'
import { type LookupPlace, meansAbsent } from './entry-lookup.ts'
import type { Reference } from './reference-memory.ts'

/** Who is in a group, as its record shows it; every list is sorted. */
export interface GroupMembers {
  /** Ids of those who are no groups: direct ones, and with `membership: 'nested'` those in nested groups too. */
  readonly members: readonly string[]
  /** Ids of the groups directly in it. */
  readonly memberGroups: readonly string[]
  /** Direct members, as the group names them, that no entry was found for. */
  readonly unresolved: readonly string[]
}

/**
 * Collects the members of a group. Nested groups are walked breadth first, each once, so that a circle ends.
 * @throws UPSTREAM_REJECTED beyond `maxMembers` or `maxNestedGroups`: a shortened list would take people's access away
 */
export async function groupMembers(
  place: LookupPlace,
  config: LdapConfig,
  group: LdapEntry,
): Promise<GroupMembers> {
  const direct = await directMembers(place, config, group)
  const ids = new Set(direct.ids)
  const ownId = recordId(group, place.map.id)
  const met = new Set(ownId === undefined ? [] : [ownId])
  const toWalk: Reference[] = []
  const meet = (groups: readonly Reference[]): void => {
    for (const next of groups) {
      if (met.has(next.id)) continue
      met.add(next.id)
      toWalk.push(next)
      if (toWalk.length > config.maxNestedGroups) throw tooMany(group, 'groups', 'maxNestedGroups')
    }
  }
  if (config.membership === 'nested') meet(direct.groups)
  // The list grows while it is walked.
  for (const next of toWalk) {
    const nested = await readGroup(place, next.dn)
    if (nested === undefined) continue
    const inner = await directMembers(place, config, nested)
    for (const id of inner.ids) ids.add(id)
    meet(inner.groups)
    if (ids.size > config.maxMembers) break
  }
  if (ids.size > config.maxMembers) throw tooMany(group, 'members', 'maxMembers')
  return {
    members: [...ids].toSorted(),
    memberGroups: [...new Set(direct.groups.map(({ id }) => id))].toSorted(),
    unresolved: [...new Set(direct.unresolved)].toSorted(),
  }
}

/** Undefined when it went away since it was found. */
async function readGroup(place: LookupPlace, dn: string): Promise<LdapEntry | undefined> {
  const filter = new PresenceFilter({ attribute: 'objectClass' })
  const attributes = [place.map.id.from, ...memberSources(place.map)]
  try {
    const [entry] = await searchFew(place.searcher, { baseDn: dn, scope: 'base', filter, attributes })
    return entry
  } catch (error) {
    if (meansAbsent(error)) return undefined
    throw error
  }
}
