import { type RawBuilder, sql } from 'kysely'

/**
 * Columns are read in forms that no driver setting changes: hosts replace the parsers of timestamps, bigints and
 * JSON, often globally. Instants come as milliseconds, bigints as doubles, JSON as text.
 */
export const msOf = (column: string): RawBuilder<number | null> =>
  sql`(extract(epoch from ${sql.ref(column)}) * 1000)::float8`

/**
 * Text of upstream's, with a character before it: PGlite loses U+FEFF at the beginning of what it reads. `exactText`
 * takes it off again.
 */
export const guardedText = (column: string): RawBuilder<string | null> => sql`('=' || ${sql.ref(column)})`

export const exactText = (guarded: string): string => guarded.slice(1)

export const optionalText = (guarded: string | null): string | undefined =>
  guarded === null ? undefined : exactText(guarded)

export const optionalDate = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms))

/** A duration as SQL, from milliseconds. */
export const interval = (ms: number): RawBuilder<unknown> => sql`(${ms}::float8 * interval '1 millisecond')`

/** A copy without its undefined fields, as the ports hand them out. */
export function compact<Value extends object>(value: Value): Value {
  const copy = { ...value }
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}
