import { ByteWriter } from '../byte-writer.ts'
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

/** Signature, flags and the length of the header's extension. */
const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const trailer = -1

export const copyStatement = (tables: Tables): string =>
  `copy "${tables.schema}"."resource_row" (${columns.join(', ')}) from stdin (format binary)`

const rowsPerPiece = 250

/**
 * New rows as a binary COPY takes them, piece by piece; numbered in their order. `synced_at` and `created_at` are
 * their defaults, now.
 */
export function* encodeRows(request: {
  readonly scope: LockedScope
  readonly generation: number
  readonly rows: Iterable<RowWrite>
}): Generator<Uint8Array> {
  const { scope, generation, rows } = request
  let ordinal = scope.nextOrdinal
  let writer = new ByteWriter(pieceBytes)
  writer.raw(header)
  for (const { resourceId, record } of rows) {
    writer.int16(columns.length)
    writer.uuid(resourceId)
    writer.int4(scope.scopeId)
    writer.int4(ordinal++)
    writer.text(record.externalId)
    writer.text(record.displayName)
    writer.text(record.email)
    writer.jsonb(record.attributesJson)
    writer.text(record.parent?.resourceType ?? null)
    writer.text(record.parent?.externalId ?? null)
    writer.text(record.hash)
    writer.int4(scope.hashEpoch)
    writer.int4(generation)
    if ((ordinal - scope.nextOrdinal) % rowsPerPiece === 0) {
      yield writer.end()
      writer = new ByteWriter(pieceBytes)
    }
  }
  writer.int16(trailer)
  yield writer.end()
}

const pieceBytes = rowsPerPiece * 640
