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

// ISO 8601 writes years beyond these with a sign, which PostgreSQL does not read.
const firstInstant = new Date('0001-01-01T00:00:00.000Z').getTime()
const lastInstant = new Date('9999-12-31T23:59:59.999Z').getTime()

/** An instant from outside; one that no calendar of the database holds is unknown. */
export function possibleInstant(at: Date | undefined): Date | undefined {
  const ms = at?.getTime() ?? Number.NaN
  return ms >= firstInstant && ms <= lastInstant ? at : undefined
}

/** An instant as SQL; null for one that is unknown or cannot be. */
export const instant = (at: Date | undefined): RawBuilder<unknown> =>
  sql`${possibleInstant(at)?.toISOString() ?? null}::timestamptz`

/** A duration as SQL, from milliseconds. */
export const interval = (ms: number): RawBuilder<unknown> => sql`(${ms}::float8 * interval '1 millisecond')`

/** A copy without its undefined fields, as the ports hand them out. */
export function compact<Value extends object>(value: Value): Value {
  const copy = { ...value }
  for (const key in copy) if (copy[key] === undefined) delete copy[key]
  return copy
}
