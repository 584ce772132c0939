import { isSyncError } from '@syncline/core'
import { AndFilter, EqualityFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'
import type { DirectoryMap } from '../config/directory-map.ts'
import { resultCodes } from '../connection/result-error.ts'
import { dnKey } from '../directory/dn-key.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { type Searcher, searchFew } from '../directory/search.ts'
import { recordId } from '../records/record-id.ts'
import { slices } from '../slices.ts'
import type { Reference, ReferenceMemory } from './reference-memory.ts'

/** Object classes of groups, in lower case: Active Directory's, RFC 4519's, RFC 2307's and the bis draft's. */
const groupClasses = new Set(['group', 'groupofnames', 'groupofuniquenames', 'groupofmembers', 'posixgroup'])

/** Fits into one answer everywhere: Active Directory stops at 1,000 entries, OpenLDAP at 500. */
const batchSize = 100
/** DNs asked for one by one at a time. */
const singlesAtOnce = 10

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
  const { map, memory } = place
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
    const values = batch.map((dn) => Buffer.from(dn))
    const entries = await findEqual(place, { attribute: map.dnAttribute, values })
    const byKey = Map.groupBy(entries, ({ dn }) => dnKey(dn))
    const alone: string[] = []
    for (const dn of batch) {
      const [entry, another] = byKey.get(dnKey(dn)) ?? []
      if (entry && !another) note(dn, toReference(map, entry))
      else alone.push(dn)
    }
    for (const some of slices(alone, singlesAtOnce)) {
      const references = await Promise.all(some.map((dn) => findAlone(place, dn)))
      for (const [index, dn] of some.entries()) note(dn, references[index])
    }
  }
  return found
}

/** Values of an attribute that one entry has and no other. */
interface UniqueValues {
  readonly attribute: string
  readonly values: readonly Buffer[]
  /** Only among these entries. */
  readonly within?: Filter | undefined
}

/** What unique values stand for, by the value's hex text. A value that several entries share stands for none. */
export async function findByValue(
  place: LookupPlace,
  { attribute, values, within }: UniqueValues,
): Promise<ReadonlyMap<string, Reference>> {
  const found = new Map<string, Reference>()
  for (const batch of slices(values, batchSize)) {
    const entries = await findEqual(place, { attribute, values: batch, within })
    for (const value of batch) {
      const [entry, another] = entries.filter((candidate) =>
        candidate.values(attribute).some((one) => one.equals(value)),
      )
      const reference = entry && !another ? toReference(place.map, entry) : undefined
      if (reference) found.set(value.toString('hex'), reference)
    }
  }
  return found
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

async function findAlone({ searcher, map }: LookupPlace, dn: string): Promise<Reference | undefined> {
  const filter = new PresenceFilter({ attribute: 'objectClass' })
  const attributes = [map.id.from, 'objectClass']
  try {
    const [entry] = await searchFew(searcher, { baseDn: dn, scope: 'base', filter, attributes })
    return entry && toReference(map, entry)
  } catch (error) {
    if (meansAbsent(error)) return undefined
    throw error
  }
}

function toReference(map: DirectoryMap, entry: LdapEntry): Reference | undefined {
  const id = recordId(entry, map.id)
  if (id === undefined) return undefined
  const isGroup = entry.texts('objectClass').some((name) => groupClasses.has(name.toLowerCase()))
  return { id, dn: entry.dn, isGroup }
}

const absences: readonly number[] = [
  resultCodes.noSuchObject,
  resultCodes.invalidDnSyntax,
  resultCodes.referral,
]

/** Not there, not a DN, or on another server: nobody this connector could name. */
export const meansAbsent = (error: unknown): boolean =>
  isSyncError(error) && absences.some((code) => code === error.details?.resultCode)
