import { isSyncError } from '@syncline/core'
import { AndFilter, EqualityFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'
import type { DirectoryMap, EntryMap } from '../config/directory-map.ts'
import { resultCodes } from '../connection/result-error.ts'
import { depthBelow, dnKey } from '../directory/dn-key.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { type Searcher, searchFew } from '../directory/search.ts'
import { recordId } from '../records/record-id.ts'
import { slices } from '../slices.ts'
import { valueText } from '../values/attribute-value.ts'
import type { Reference, ReferenceMemory } from './reference-memory.ts'

/** Object classes of groups, in lower case: Active Directory's, RFC 4519's, RFC 2307's and the bis draft's. */
const groupClasses = new Set(['group', 'groupofnames', 'groupofuniquenames', 'groupofmembers', 'posixgroup'])

/** Fits into one answer everywhere: Active Directory stops at 1,000 entries, OpenLDAP at 500. */
const batchSize = 100
/** DNs asked for one by one at a time. */
const singlesAtOnce = 10
/** No entry has a longer one: it is not sent to the server. */
const longestDn = 65_536

/** Where references are looked up. */
export interface LookupPlace {
  readonly searcher: Searcher
  readonly map: DirectoryMap
  readonly baseDn: string
  /** What earlier look-ups of the same listing found. */
  readonly memory: ReferenceMemory
}

/**
 * What DNs stand for, by the DN as it was spelled; what does not exist, cannot be seen or is on another server is left
 * out. Asks for many at once, and for one alone before it is taken to be missing.
 */
export async function findByDn(
  place: LookupPlace,
  dns: readonly string[],
): Promise<ReadonlyMap<string, Reference>> {
  const { memory } = place
  const found = new Map<string, Reference>()
  const note = (dn: string, reference: Reference | undefined): void => {
    if (reference === undefined) return
    found.set(dn, reference)
    memory.set(dn, reference)
  }
  const unknown = [...new Set(dns)].filter((dn) => {
    const reference = memory.get(dn)
    if (reference) found.set(dn, reference)
    return reference === undefined
  })
  for (const batch of slices(unknown, batchSize)) {
    const together = await findTogether(place, batch)
    const alone: string[] = []
    for (const dn of batch) {
      const reference = together.get(dn)
      if (reference) note(dn, reference)
      else if (Buffer.byteLength(dn) <= longestDn) alone.push(dn)
    }
    for (const some of slices(alone, singlesAtOnce)) {
      const references = await Promise.all(some.map((dn) => findAlone(place, dn)))
      for (const [index, dn] of some.entries()) note(dn, references[index])
    }
  }
  return found
}

/** Finds those of the DNs whose entries can be told by their keys, with one search or two. */
async function findTogether(
  place: LookupPlace,
  dns: readonly string[],
): Promise<ReadonlyMap<string, Reference>> {
  const { map } = place
  const short = dns.filter((dn) => dnKey(dn) !== undefined)
  const values = short.map((dn) => Buffer.from(dn))
  const entries = values.length === 0 ? [] : await findEqual(place, { attribute: map.dnAttribute, values })
  const found = new Map<string, Reference>()
  // An attribute that holds entries' own DNs finds no more entries than it was given DNs.
  if (entries.length > dns.length) return found
  const byKey = Map.groupBy(entries, ({ dn }) => dnKey(dn))
  const listed = await listedAsGroups(place, entries)
  for (const dn of short) {
    const [entry, another] = byKey.get(dnKey(dn)) ?? []
    const reference = entry && !another ? toReference(map, entry, listed.has(entry.dn)) : undefined
    if (reference) found.set(dn, reference)
  }
  return found
}

/** DNs of those entries that the config's own filter of groups lists and that no object class marks as groups. */
async function listedAsGroups(
  { searcher, map }: LookupPlace,
  entries: readonly LdapEntry[],
): Promise<ReadonlySet<string>> {
  const unmarked = entries.filter((entry) => !hasGroupClass(entry))
  if (!map.group.isCustom || unmarked.length === 0) return new Set()
  const { baseDn, scope, filter } = map.group
  const names = unmarked.map(({ dn }) => new EqualityFilter({ attribute: map.dnAttribute, value: dn }))
  const both = new AndFilter({ filters: [filter, new OrFilter({ filters: names })] })
  const found = await searchFew(searcher, { baseDn, scope, filter: both, attributes: ['1.1'] })
  return new Set(found.map(({ dn }) => dn))
}

/** Values of an attribute that one entry has and no other. */
interface UniqueValues {
  readonly attribute: string
  readonly values: readonly Buffer[]
  /** Only among these entries. */
  readonly within?: Filter | undefined
  /** Values that differ in case only are the same one. @default false */
  readonly ignoreCase?: boolean | undefined
}

/** What unique values stand for, by the value's hex text. A value that several entries share stands for none. */
export async function findByValue(
  place: LookupPlace,
  { attribute, values, within, ignoreCase = false }: UniqueValues,
): Promise<ReadonlyMap<string, Reference>> {
  const found = new Map<string, Reference>()
  for (const batch of slices(values, batchSize)) {
    const entries = await findEqual(place, { attribute, values: batch, within })
    const exact = indexBy(entries, attribute, hexKey)
    const folded = ignoreCase ? indexBy(entries, attribute, foldedKey) : exact
    for (const value of batch) {
      const [entry, another] = exact.get(hexKey(value)) ?? folded.get(foldedKey(value)) ?? []
      const reference = entry && !another ? toReference(place.map, entry, false) : undefined
      if (reference) found.set(hexKey(value), reference)
    }
  }
  return found
}

const hexKey = (value: Buffer): string => value.toString('hex')

/** Login names are equal in any case. The server was asked with its own rules; this finds which of its answers it is. */
const foldedKey = (value: Buffer): string =>
  valueText(value)?.normalize('NFKC').toLowerCase() ?? hexKey(value)

function indexBy(
  entries: readonly LdapEntry[],
  attribute: string,
  key: (value: Buffer) => string,
): ReadonlyMap<string, readonly LdapEntry[]> {
  const index = new Map<string, LdapEntry[]>()
  for (const entry of entries) {
    for (const text of new Set(entry.values(attribute).map(key))) {
      const known = index.get(text)
      if (known === undefined) index.set(text, [entry])
      else known.push(entry)
    }
  }
  return index
}

async function findEqual(
  { searcher, map, baseDn }: LookupPlace,
  { attribute, values, within }: UniqueValues,
): Promise<readonly LdapEntry[]> {
  const filters = values.map((value) => new EqualityFilter({ attribute, value }))
  const either = new OrFilter({ filters })
  return searchFew(searcher, {
    baseDn,
    scope: 'sub',
    filter: within ? new AndFilter({ filters: [within, either] }) : either,
    attributes: [map.id.from, 'objectClass', attribute],
  })
}

async function findAlone(place: LookupPlace, dn: string): Promise<Reference | undefined> {
  const { searcher, map } = place
  const attributes = [map.id.from, 'objectClass']
  const look = async (filter: Filter): Promise<LdapEntry | undefined> => {
    const [entry] = await searchFew(searcher, { baseDn: dn, scope: 'base', filter, attributes })
    return entry
  }
  try {
    const entry = await look(new PresenceFilter({ attribute: 'objectClass' }))
    if (entry === undefined) return undefined
    const mayBeListed = map.group.isCustom && !hasGroupClass(entry) && isListedPlace(map.group, entry.dn)
    return toReference(map, entry, mayBeListed && (await look(map.group.filter)) !== undefined)
  } catch (error) {
    if (meansAbsent(error)) return undefined
    throw error
  }
}

/** Whether a search of groups looks at the place of this DN. */
function isListedPlace({ baseDn, scope }: EntryMap, dn: string): boolean {
  const depth = depthBelow(dn, baseDn)
  return depth !== undefined && (scope === 'sub' || depth === 1)
}

const hasGroupClass = (entry: LdapEntry): boolean =>
  entry.texts('objectClass').some((name) => groupClasses.has(name.toLowerCase()))

function toReference(map: DirectoryMap, entry: LdapEntry, isListedGroup: boolean): Reference | undefined {
  const id = recordId(entry, map.id)
  return id === undefined ? undefined : { id, dn: entry.dn, isGroup: isListedGroup || hasGroupClass(entry) }
}

const absences: readonly number[] = [
  resultCodes.noSuchObject,
  resultCodes.invalidDnSyntax,
  resultCodes.referral,
]

/** Not there, not a DN, or on another server: nobody this connector could name. */
export const meansAbsent = (error: unknown): boolean =>
  isSyncError(error) && absences.some((code) => code === error.details?.resultCode)
