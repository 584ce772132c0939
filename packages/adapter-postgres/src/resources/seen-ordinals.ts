import { sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import type { Listing } from './listing.ts'

/** What a listing saw, as sets of row numbers: one bit each. */
export interface SeenOrdinals {
  /** Kept by this generation. */
  readonly kept: Uint8Array
  /** Seen by this generation or a later one, kept or not. */
  readonly met: Uint8Array
  readonly keptCount: number
  readonly metCount: number
}

const partsPerRead = 64

interface SeenPart {
  readonly generation: number
  readonly pageNumber: number
  readonly part: number
  readonly kept: boolean
  /** `{1,2,3}` */
  readonly ordinals: string
}

/** Reads the seen log of a listing, some parts at a time. */
export async function readSeen(session: Session, tables: Tables, listing: Listing): Promise<SeenOrdinals> {
  const { scopeId, generation, ordinals } = listing
  const kept = new Uint8Array(Math.ceil(ordinals / 8))
  const met = new Uint8Array(kept.length)
  let after: Pick<SeenPart, 'generation' | 'pageNumber' | 'part'> = { generation, pageNumber: -1, part: -1 }
  for (;;) {
    const parts = await session.run(sql<SeenPart>`select p.generation, p.page_number as "pageNumber", p.part,
        p.kept, p.ordinals::text as ordinals
      from ${tables.seenPages} p
      where p.scope_id = ${scopeId}::int and (p.generation, p.page_number, p.part)
        > (${after.generation}::int, ${after.pageNumber}::int, ${after.part}::int)
      order by p.generation, p.page_number, p.part limit ${partsPerRead}::int`)
    for (const part of parts) {
      const isKept = part.kept && part.generation === generation
      for (const ordinal of readOrdinals(part.ordinals)) {
        setBit(met, ordinal)
        if (isKept) setBit(kept, ordinal)
      }
    }
    const last = parts.at(-1)
    if (!last || parts.length < partsPerRead) {
      return { kept, met, keptCount: countBits(kept), metCount: countBits(met) }
    }
    after = last
  }
}

/** The numbers of an array literal. By hand, because a million of them pass here. */
function* readOrdinals(literal: string): Generator<number> {
  let value = -1
  for (let place = 1; place < literal.length; place++) {
    const digit = literal.charCodeAt(place) - zero
    if (digit >= 0 && digit <= 9) value = (value < 0 ? 0 : value * 10) + digit
    else if (value >= 0) {
      yield value
      value = -1
    }
  }
}

const zero = '0'.charCodeAt(0)

function setBit(bits: Uint8Array, place: number): void {
  const byte = place >> 3
  bits[byte] = (bits[byte] ?? 0) | (1 << (place & 7))
}

function countBits(bits: Uint8Array): number {
  let count = 0
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count++
  return count
}
