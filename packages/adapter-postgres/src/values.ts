import { type RawBuilder, sql } from 'kysely'

/**
 * Columns are read in forms that no driver setting changes: hosts replace the parsers of timestamps, bigints and
 * JSON, often globally. Instants come as milliseconds, bigints as doubles, JSON as text.
 */
export const msOf = (column: string): RawBuilder<number | null> =>
  sql`(extract(epoch from ${sql.ref(column)}) * 1000)::float8`

export const optionalDate = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms))

/** A duration as SQL, from milliseconds. */
export const interval = (ms: number): RawBuilder<unknown> => sql`(${ms}::float8 * interval '1 millisecond')`

/** A copy without its undefined fields, as the ports hand them out. */
export function compact<Value extends object>(value: Value): Value {
  const copy = { ...value }
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}
