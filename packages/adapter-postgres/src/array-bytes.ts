import { sql } from 'kysely'
import type { ArrayEncoding } from './arrays.ts'
import { ByteWriter } from './byte-writer.ts'

const textOid = 25
const uuidOid = 2950

/** Arrays in PostgreSQL's binary format. pg sends a Buffer as it is and says that it is binary. */
export const arrayBytes: ArrayEncoding = {
  text: (values) => sql`${textBytes(values)}::text[]`,
  uuid: (ids) => sql`${uuidBytes(ids)}::uuid[]`,
  json: (texts) => sql`${textBytes(texts)}::text[]`,
  bytes: (value) => sql`${Buffer.from(value)}::bytea`,
}

function textBytes(values: readonly (string | null)[]): Buffer {
  // Keys and hashes of one listing are about as long as each other.
  const writer = begin(values.length, { type: textOid, bytesEach: (values[0]?.length ?? 0) + 16 })
  for (const value of values) writer.text(value)
  return writer.end()
}

function uuidBytes(ids: readonly string[]): Buffer {
  const writer = begin(ids.length, { type: uuidOid, bytesEach: 20 })
  for (const id of ids) writer.uuid(id)
  return writer.end()
}

/** Dimensions, whether there may be NULLs, the type; then length and lower bound of the one dimension. */
function begin(
  length: number,
  { type, bytesEach }: { readonly type: number; readonly bytesEach: number },
): ByteWriter {
  const writer = new ByteWriter(64 + length * bytesEach)
  writer.int32(length === 0 ? 0 : 1)
  writer.int32(1)
  writer.int32(type)
  if (length === 0) return writer
  writer.int32(length)
  writer.int32(1)
  return writer
}
