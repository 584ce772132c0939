import type { Lease, PageAhead, PreparedRecord } from '@syncline/core'
import type { RawBuilder } from 'kysely'
import type { ArrayEncoding } from '../arrays.ts'
import type { Sizes } from '../context.ts'
import { type CopyPiece, encodeRows, PieceMemory } from './copy-rows.ts'
import { partsOf } from './parts-of.ts'
import { type RowWrite, rowWrite } from './row-write.ts'

/** What a part is compared by. */
export interface PartKeys {
  readonly externalIds: RawBuilder<unknown>
  readonly hashes: RawBuilder<unknown>
}

export const partKeys = (arrays: ArrayEncoding, records: readonly PreparedRecord[]): PartKeys => ({
  externalIds: arrays.text(records.map(({ externalId }) => externalId)),
  hashes: arrays.text(records.map(({ hash }) => hash)),
})

/** A part that is taken to be new, on its way into a COPY. */
interface CopyAhead {
  readonly rows: readonly RowWrite[]
  readonly pieces: readonly CopyPiece[]
}

/** Exactly one of them is there. */
export interface PartAhead {
  readonly keys?: PartKeys
  readonly copy?: CopyAhead
}

/**
 * Parts of pages, encoded before it is their turn. A guess: a page is taken to go the way of the page before it, and
 * what was guessed wrongly is encoded again.
 */
export class PagesAhead {
  readonly #parts = new WeakMap<readonly PreparedRecord[], readonly PartAhead[]>()
  readonly #copies = new WeakMap<Lease, boolean>()
  readonly #memory = new PieceMemory()

  /** How the page that is being stored goes. */
  note(lease: Lease, copies: boolean): void {
    this.#copies.set(lease, copies)
  }

  of(records: readonly PreparedRecord[], part: number): PartAhead | undefined {
    return this.#parts.get(records)?.[part]
  }

  /** The page is committed for good: until then it may have to be sent again. */
  done(records: readonly PreparedRecord[]): void {
    const parts = this.#parts.get(records) ?? []
    this.#parts.delete(records)
    for (const { copy } of parts) for (const piece of copy?.pieces ?? []) this.#memory.giveBack(piece)
  }

  async encode(
    { lease, records }: PageAhead,
    how: { readonly arrays: ArrayEncoding; readonly sizes: Sizes; readonly createId: () => string },
    turn: () => Promise<void>,
  ): Promise<void> {
    const copies = this.#copies.get(lease)
    // The first page: nothing is known of its scope.
    if (copies === undefined) return
    const { arrays, sizes, createId } = how
    const parts: PartAhead[] = []
    for (const part of partsOf(records, sizes.recordsPerPart)) {
      if (!copies) parts.push({ keys: partKeys(arrays, part) })
      else {
        const rows = part.map((record) => rowWrite(record, createId()))
        const pieces: CopyPiece[] = []
        for (const piece of encodeRows(rows, this.#memory)) {
          pieces.push(piece)
          await turn()
        }
        parts.push({ copy: { rows, pieces } })
      }
      await turn()
    }
    this.#parts.set(records, parts)
  }
}
