import { SyncError } from '@syncline/core'
import { PresenceFilter } from 'ldapts'
import { valueText } from '../values/attribute-value.ts'
import type { LdapEntry } from './ldap-entry.ts'
import { type Searcher, searchFew } from './search.ts'

/** Changes with every change of an entry on the server that is asked (Active Directory). */
const versionAttribute = 'uSNChanged'
/** Readings of one entry's values before it is given up for now. */
const attempts = 3

/**
 * All values of an attribute, also where the server gives only a part at a time, as Active Directory does beyond 1,500
 * members. Parts are positions in a list that moves: when the entry changes between two of them, a value could be
 * passed over, so they are read again from the start.
 * @throws UPSTREAM_UNAVAILABLE when the entry changed again and again
 */
export async function allValues(
  searcher: Searcher,
  entry: LdapEntry,
  name: string,
): Promise<readonly Buffer[]> {
  if (entry.range(name) === undefined) return entry.values(name)
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const values = await readParts(searcher, entry.dn, name)
    if (values !== undefined) return values
  }
  throw new SyncError(
    'UPSTREAM_UNAVAILABLE',
    `${JSON.stringify(entry.dn)} changed while its values of ${name} were read, ${attempts} times`,
  )
}

/** The entry with all values of what the server gave in part, but for the attributes that are read when they are needed. */
export async function wholeEntry(
  searcher: Searcher,
  entry: LdapEntry,
  butFor: readonly string[] = [],
): Promise<LdapEntry> {
  const later = new Set(butFor.map((name) => name.toLowerCase()))
  const whole = new Map<string, readonly Buffer[]>()
  for (const name of entry.ranged) {
    if (!later.has(name)) whole.set(name, await allValues(searcher, entry, name))
  }
  if (whole.size === 0) return entry
  const values = (name: string): readonly Buffer[] => whole.get(name.toLowerCase()) ?? entry.values(name)
  return { ...entry, values, texts: (name) => values(name).flatMap((value) => valueText(value) ?? []) }
}

/** Undefined when the entry changed meanwhile. */
async function readParts(
  searcher: Searcher,
  dn: string,
  name: string,
): Promise<readonly Buffer[] | undefined> {
  const values: Buffer[] = []
  let version: string | undefined
  for (let start: number | undefined = 0; start !== undefined; ) {
    const entry = await readPart(searcher, dn, `${name};range=${start}-*`)
    const range = entry?.range(name)
    const [seen] = entry?.texts(versionAttribute) ?? []
    if (start > 0 && seen !== version) return undefined
    if (range === undefined) {
      // The last value went away since: what is left fits into one answer, or there is none.
      return start === 0 ? (entry?.values(name) ?? []) : undefined
    }
    if (range.next !== undefined && range.next <= start) throw noProgress(dn, name)
    values.push(...range.values)
    version = seen
    start = range.next
  }
  return values
}

async function readPart(searcher: Searcher, dn: string, description: string): Promise<LdapEntry | undefined> {
  const filter = new PresenceFilter({ attribute: 'objectClass' })
  const attributes = [description, versionAttribute]
  const [entry] = await searchFew(searcher, { baseDn: dn, scope: 'base', filter, attributes })
  return entry
}

const noProgress = (dn: string, name: string): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The server gives the same part of ${name} of ${JSON.stringify(dn)} again and again`,
  )
