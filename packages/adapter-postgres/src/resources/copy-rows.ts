import { ByteWriter } from '../byte-writer.ts'
import { copyHeader, copyTrailer } from '../copy-format.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import type { RowWrite } from './row-write.ts'

const columns = [
  'id',
  'scope_id',
  'ordinal',
  'external_id',
  'display_name',
  'email',
  'attributes',
  'parent_resource_type',
  'parent_external_id',
  'sync_hash',
  'hash_epoch',
  'written_generation',
] as const

// Where a row says what only the locked scope knows: from its start, and from its end.
const scopeIdPlace = 2 + 20 + 4
const ordinalPlace = scopeIdPlace + 8
const generationPlace = -4
const hashEpochPlace = generationPlace - 8

export const copyStatement = (tables: Tables): string =>
  `copy "${tables.schema}"."resource_row" (${columns.join(', ')}) from stdin (format binary)`

const rowsPerPiece = 250
const pieceBytes = rowsPerPiece * 640

/** Memory for pieces, used again and again: asking for a new one costs more than filling it. */
export class PieceMemory {
  readonly #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafe(pieceBytes)
  }

  /** Nobody may look at the piece any more. */
  giveBack({ bytes }: CopyPiece): void {
    // A piece of long rows outgrew it.
    if (bytes.buffer.byteLength === pieceBytes && this.#free.length < mostFree) {
      this.#free.push(Buffer.from(bytes.buffer, 0, pieceBytes))
    }
  }
}

// Two pages of a thousand.
const mostFree = 8

/** Some rows as a binary COPY takes them, but for what only the locked scope knows. */
export interface CopyPiece {
  readonly bytes: Buffer
  /** Where each row ends. */
  readonly ends: readonly number[]
}

/** New rows piece by piece. `synced_at` and `created_at` are their defaults, now. */
export function* encodeRows(rows: Iterable<RowWrite>, memory = new PieceMemory()): Generator<CopyPiece> {
  let writer = new ByteWriter(memory.take())
  let ends: number[] = []
  for (const { resourceId, record } of rows) {
    writer.int16(columns.length)
    writer.uuid(resourceId)
    writer.int4(0)
    writer.int4(0)
    writer.text(record.externalId)
    writer.text(record.displayName)
    writer.text(record.email)
    writer.jsonb(record.attributesJson)
    writer.text(record.parent?.resourceType ?? null)
    writer.text(record.parent?.externalId ?? null)
    writer.text(record.hash)
    writer.int4(0)
    writer.int4(0)
    ends.push(writer.length)
    if (ends.length < rowsPerPiece) continue
    yield { bytes: writer.end(), ends }
    writer = new ByteWriter(memory.take())
    ends = []
  }
  if (ends.length > 0) yield { bytes: writer.end(), ends }
}

/** The bytes of a COPY: the pieces with what was missing, rows numbered in their order. */
export function* stampRows(
  pieces: Iterable<CopyPiece>,
  { scope, generation }: { readonly scope: LockedScope; readonly generation: number },
): Generator<Uint8Array> {
  let ordinal = scope.nextOrdinal
  yield copyHeader
  for (const { bytes, ends } of pieces) {
    let start = 0
    for (const end of ends) {
      bytes.writeInt32BE(scope.scopeId, start + scopeIdPlace)
      bytes.writeInt32BE(ordinal++, start + ordinalPlace)
      bytes.writeInt32BE(scope.hashEpoch, end + hashEpochPlace)
      bytes.writeInt32BE(generation, end + generationPlace)
      start = end
    }
    yield bytes
  }
  yield copyTrailer
}
