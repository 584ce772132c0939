import { SyncError } from '@syncline/core'
import { PresenceFilter } from 'ldapts'
import { valueText } from '../values/attribute-value.ts'
import type { LdapEntry } from './ldap-entry.ts'
import { type Searcher, searchFew } from './search.ts'

/** Changes with every change of an entry on the server that is asked (Active Directory). */
const versionAttribute = 'uSNChanged'
/** Readings of one entry's values before it is given up for now. */
const attempts = 3

/** Parts of one attribute that are read: a hundred, and one more for each hundred values that are allowed. */
const maxParts = (maxValues: number): number => 100 + Math.ceil(maxValues / 100)

/** An attribute to be read whole. */
export interface WantedValues {
  readonly entry: LdapEntry
  readonly name: string
  /** The config's `maxMembers`. */
  readonly maxValues: number
}

/**
 * All values of an attribute, also where the server gives only a part at a time, as Active Directory does beyond 1,500
 * members. Parts are positions in a list that moves: when the entry changes between two of them, a value could be
 * passed over, so they are read again from the start.
 * @throws UPSTREAM_UNAVAILABLE when the entry changed again and again, UPSTREAM_REJECTED beyond `maxValues`,
 * CONNECTOR_ANSWER_INVALID for parts that do not follow each other or are too small to ever end
 */
export async function allValues(searcher: Searcher, wanted: WantedValues): Promise<readonly Buffer[]> {
  const { entry, name } = wanted
  if (entry.range(name) === undefined) return requireFew(entry.values(name), wanted)
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const values = await readParts(searcher, wanted)
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
  options: { readonly maxValues: number; readonly butFor?: readonly string[] },
): Promise<LdapEntry> {
  const { maxValues, butFor = [] } = options
  const later = new Set(butFor.map((name) => name.toLowerCase()))
  const whole = new Map<string, readonly Buffer[]>()
  for (const name of entry.ranged) {
    if (!later.has(name)) whole.set(name, await allValues(searcher, { entry, name, maxValues }))
  }
  if (whole.size === 0) return entry
  const values = (name: string): readonly Buffer[] => whole.get(name.toLowerCase()) ?? entry.values(name)
  return { ...entry, values, texts: (name) => values(name).flatMap((value) => valueText(value) ?? []) }
}

/** Undefined when the entry changed meanwhile. */
async function readParts(searcher: Searcher, wanted: WantedValues): Promise<readonly Buffer[] | undefined> {
  const { name, maxValues } = wanted
  const { dn } = wanted.entry
  const values: Buffer[] = []
  let version: string | undefined
  let parts = 0
  for (let start: number | undefined = 0; start !== undefined; ) {
    if ((parts += 1) > maxParts(maxValues)) throw unusable(wanted, `comes in more than ${parts - 1} parts`)
    const entry = await readPart(searcher, dn, `${name};range=${start}-*`)
    const range = entry?.range(name)
    const [seen] = entry?.texts(versionAttribute) ?? []
    if (start > 0 && seen !== version) return undefined
    if (range === undefined) {
      // The last value went away since: what is left fits into one answer, or there is none.
      return start === 0 ? (entry?.values(name) ?? []) : undefined
    }
    if (range.start !== start)
      throw unusable(wanted, `was asked for from ${start} and came from ${range.start}`)
    if (range.next !== undefined && range.next <= start) throw unusable(wanted, 'comes in empty parts')
    for (const value of range.values) values.push(value)
    requireFew(values, wanted)
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

function requireFew(values: readonly Buffer[], { entry, name, maxValues }: WantedValues): readonly Buffer[] {
  if (values.length <= maxValues) return values
  throw new SyncError(
    'UPSTREAM_REJECTED',
    `${JSON.stringify(entry.dn)} has more values of ${name} than maxMembers allows (${maxValues}); raise it, or leave the entry out by its filter`,
    { details: { dn: entry.dn, option: 'maxMembers' } },
  )
}

const unusable = ({ entry, name }: WantedValues, problem: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `${name} of ${JSON.stringify(entry.dn)} ${problem}`)
