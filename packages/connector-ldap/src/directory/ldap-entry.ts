import type { ReceivedEntry } from '../protocol/decode-message.ts'
import { valueText } from '../values/attribute-value.ts'

/** Values of an attribute that the server gave only in part (Active Directory, [MS-ADTS] 3.1.1.3.1.3.3). */
interface ValueRange {
  readonly values: readonly Buffer[]
  /** Where this part starts. */
  readonly start: number
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
export function toLdapEntry({ dn, attributes }: ReceivedEntry): LdapEntry {
  const whole = new Map<string, Buffer[]>()
  const ranges = new Map<string, ValueRange>()
  for (const { type, values: received } of attributes) {
    const name = type.toLowerCase()
    const [, ranged, start, end] = rangePattern.exec(name) ?? []
    if (ranged === undefined) {
      const known = whole.get(name)
      if (known === undefined) whole.set(name, [...received])
      else for (const value of received) known.push(value)
    } else {
      const next = end === '*' ? undefined : Number(end) + 1
      ranges.set(ranged, { values: received, start: Number(start), next })
    }
  }
  const values = (name: string): readonly Buffer[] => whole.get(name.toLowerCase()) ?? []
  return {
    dn,
    values,
    texts: (name) => values(name).flatMap((value) => valueText(value) ?? []),
    range: (name) => ranges.get(name.toLowerCase()),
    ranged: [...ranges.keys()],
  }
}
