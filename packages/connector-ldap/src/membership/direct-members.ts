import { AndFilter, EqualityFilter } from 'ldapts'
import type { LdapConfig } from '../config/config-schema.ts'
import type { DirectoryMap } from '../config/directory-map.ts'
import { allValues } from '../directory/all-values.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { searchAll } from '../directory/search.ts'
import { recordId } from '../records/record-id.ts'
import { valueText } from '../values/attribute-value.ts'
import { relativeId } from '../values/sid.ts'
import { findByDn, findByValue, type LookupPlace } from './entry-lookup.ts'
import type { Reference } from './reference-memory.ts'

/** Who is in a group itself. */
export interface DirectMembers {
  /** Ids of users and of whatever else is no group. */
  readonly ids: ReadonlySet<string>
  readonly groups: readonly Reference[]
  /** Members as the group names them that nothing was found for. */
  readonly unresolved: readonly string[]
}

/** Attributes a group must be read with for `directMembers`. */
export const memberSources = (map: DirectoryMap): readonly string[] => [
  ...map.memberAttributes,
  ...(map.memberNames ? [map.memberNames.attribute] : []),
  ...(map.activeDirectory ? ['objectSid'] : []),
]

/** Finds out who a group's members are: those it names by DN, by login name, and those whose primary group it is. */
export async function directMembers(
  place: LookupPlace,
  config: LdapConfig,
  group: LdapEntry,
): Promise<DirectMembers> {
  const ids = new Set<string>()
  const groups: Reference[] = []
  const unresolved: string[] = []
  for (const attribute of place.map.memberAttributes) {
    const dns = (await allValues(place.searcher, group, attribute)).map(readDn)
    const found = await findByDn(place, dns)
    for (const dn of dns) {
      const reference = found.get(dn)
      if (reference === undefined) unresolved.push(dn)
      else if (reference.isGroup) groups.push(reference)
      else ids.add(reference.id)
    }
  }
  await addNamed(place, group, { ids, unresolved })
  if (place.map.activeDirectory && config.primaryGroupMembers) await addPrimary(place, group, ids)
  return { ids, groups, unresolved }
}

/** A value of `uniqueMember` may end in `#` and a bit string, RFC 4517, section 3.3.21. */
const readDn = (value: Buffer): string => (valueText(value) ?? '').replace(/#'[01]*'B$/, '')

/** RFC 2307: a group lists login names. */
async function addNamed(
  place: LookupPlace,
  group: LdapEntry,
  to: { readonly ids: Set<string>; readonly unresolved: string[] },
): Promise<void> {
  const { memberNames, user } = place.map
  if (memberNames === undefined) return
  const values = group.values(memberNames.attribute)
  const found = await findByValue(place, {
    attribute: memberNames.userAttribute,
    values,
    within: user.filter,
  })
  for (const value of values) {
    const reference = found.get(value.toString('hex'))
    if (reference) to.ids.add(reference.id)
    else to.unresolved.push(valueText(value) ?? value.toString('hex'))
  }
}

/** Active Directory lists an account in every group but its primary one; only the account knows that one. */
async function addPrimary(place: LookupPlace, group: LdapEntry, ids: Set<string>): Promise<void> {
  const { map, searcher, baseDn } = place
  const [sid] = group.values('objectSid')
  const relative = sid && relativeId(sid)
  if (relative === undefined) return
  const primary = new EqualityFilter({ attribute: 'primaryGroupID', value: String(relative) })
  const search = {
    baseDn,
    scope: 'sub',
    filter: new AndFilter({ filters: [map.user.filter, primary] }),
    attributes: [map.id.from],
  } as const
  await searchAll(searcher, search, (entries) => {
    for (const entry of entries) {
      const id = recordId(entry, map.id)
      if (id !== undefined) ids.add(id)
    }
  })
}
