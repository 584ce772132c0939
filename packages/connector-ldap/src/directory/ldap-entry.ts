import type { SearchEntry } from 'ldapts'
import { valueText } from '../values/attribute-value.ts'

/** Values of an attribute that the server gave only in part (Active Directory, [MS-ADTS] 3.1.1.3.1.3.3). */
interface ValueRange {
  readonly values: readonly Buffer[]
  /** Where the next part starts; absent on the last one. */
  readonly next: number | undefined
}

/** One entry of a directory. Attribute names mean the same in any case. */
export interface LdapEntry {
  readonly dn: string
  /** All values given, as bytes; none for an attribute that is absent, hidden, or given in part. */
  values(name: string): readonly Buffer[]
  /** The values that are text. */
  texts(name: string): readonly string[]
  /** The part that stands for an attribute of too many values. */
  range(name: string): ValueRange | undefined
  /** Attributes given in part, in lower case. */
  readonly ranged: readonly string[]
}

const rangePattern = /^(.+);range=(\d+)-(\d+|\*)$/

/** Reads an entry as it came from the server. */
export function toLdapEntry(found: SearchEntry): LdapEntry {
  const whole = new Map<string, readonly Buffer[]>()
  const ranges = new Map<string, ValueRange>()
  for (const { type, parsedBuffers } of found.attributes) {
    const name = type.toLowerCase()
    const range = rangePattern.exec(name)
    const [, ranged, , end] = range ?? []
    if (ranged === undefined) whole.set(name, [...(whole.get(name) ?? []), ...parsedBuffers])
    else ranges.set(ranged, { values: parsedBuffers, next: end === '*' ? undefined : Number(end) + 1 })
  }
  const values = (name: string): readonly Buffer[] => whole.get(name.toLowerCase()) ?? []
  return {
    dn: found.name,
    values,
    texts: (name) => values(name).flatMap((value) => valueText(value) ?? []),
    range: (name) => ranges.get(name.toLowerCase()),
    ranged: [...ranges.keys()],
  }
}
