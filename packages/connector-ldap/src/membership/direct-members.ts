import { SyncError } from '@syncline/core'
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
  ...(map.primaryGroup ? [map.primaryGroup.groupAttribute] : []),
]

interface Found {
  readonly ids: Set<string>
  readonly unresolved: string[]
}

/**
 * Finds out who a group's members are: those it names by DN, by login name, and those whose primary group it is.
 * @throws UPSTREAM_REJECTED beyond `maxMembers`, as soon as that many were read
 */
export async function directMembers(
  place: LookupPlace,
  config: LdapConfig,
  group: LdapEntry,
): Promise<DirectMembers> {
  const ids = new Set<string>()
  const groups: Reference[] = []
  const unresolved: string[] = []
  const valuesOf = (name: string): Promise<readonly Buffer[]> =>
    allValues(place.searcher, { entry: group, name, maxValues: config.maxMembers })
  for (const attribute of place.map.memberAttributes) {
    const dns = (await valuesOf(attribute)).map(readDn)
    const found = await findByDn(place, dns)
    for (const dn of dns) {
      const reference = found.get(dn)
      if (reference === undefined) unresolved.push(dn)
      else if (reference.isGroup) groups.push(reference)
      else ids.add(reference.id)
    }
  }
  const { memberNames, primaryGroup } = place.map
  if (memberNames) await addNamed(place, await valuesOf(memberNames.attribute), { ids, unresolved })
  const primary = primaryGroup && primaryKey(group, primaryGroup.groupAttribute)
  if (primaryGroup && primary !== undefined) {
    const filter = new EqualityFilter({ attribute: primaryGroup.userAttribute, value: primary })
    await addPrimary(place, filter, (id) => {
      ids.add(id)
      if (ids.size > config.maxMembers) throw tooMany(group, 'members', 'maxMembers')
    })
  }
  return { ids, groups, unresolved }
}

/** A value of `uniqueMember` may end in `#` and a bit string, RFC 4517, section 3.3.21. */
const readDn = (value: Buffer): string => (valueText(value) ?? '').replace(/#'[01]*'B$/, '')

/** RFC 2307: a group lists login names. */
async function addNamed(place: LookupPlace, values: readonly Buffer[], to: Found): Promise<void> {
  const { memberNames, user } = place.map
  if (memberNames === undefined) return
  const found = await findByValue(place, {
    attribute: memberNames.userAttribute,
    values,
    within: user.filter,
    // As servers compare uid: the same name in another case finds the user.
    ignoreCase: true,
  })
  for (const value of values) {
    const reference = found.get(value.toString('hex'))
    if (reference) to.ids.add(reference.id)
    else to.unresolved.push(valueText(value) ?? value.toString('hex'))
  }
}

/** What users name their primary group with: the last part of its SID (Active Directory), or its number (RFC 2307). */
function primaryKey(group: LdapEntry, attribute: string): string | undefined {
  const [value] = group.values(attribute)
  if (value === undefined) return undefined
  if (attribute === 'objectSid') return relativeId(value)?.toString()
  const text = valueText(value)
  return text !== undefined && /^\d+$/.test(text) ? text : undefined
}

/** A group does not list the users whose primary group it is; only the users know. */
async function addPrimary(
  { map, searcher, baseDn }: LookupPlace,
  primary: EqualityFilter,
  add: (id: string) => void,
): Promise<void> {
  const search = {
    baseDn,
    scope: 'sub',
    filter: new AndFilter({ filters: [map.user.filter, primary] }),
    attributes: [map.id.from],
  } as const
  await searchAll(searcher, search, (entries) => {
    for (const entry of entries) {
      const id = recordId(entry, map.id)
      if (id !== undefined) add(id)
    }
  })
}

/** The error of a group that is too large: a shortened list of members would take people's access away. */
export const tooMany = (
  { dn }: LdapEntry,
  what: string,
  option: 'maxMembers' | 'maxNestedGroups',
): SyncError =>
  new SyncError(
    'UPSTREAM_REJECTED',
    `${JSON.stringify(dn)} holds more ${what} than ${option} allows; raise it, or leave the group out by the group filter`,
    { details: { dn, option } },
  )
