import { type RawBuilder, sql } from 'kysely'

/**
 * Arrays travel as PostgreSQL array literals, written here: the drivers differ in how they write NULLs, quotes
 * and backslashes, and pg's own writer costs several times as much.
 */
export const textArray = (values: readonly (string | null)[]): RawBuilder<unknown> =>
  sql`${literal(values)}::text[]`

/** Ids need no quotes. */
export const uuidArray = (ids: readonly string[]): RawBuilder<unknown> => sql`${`{${ids.join(',')}}`}::uuid[]`

/** A column of a table made with `unnest`; NULL throughout costs nothing, because shorter arrays are filled up. */
export const optionalTextArray = (values: readonly (string | null)[]): RawBuilder<unknown> =>
  values.every((value) => value === null) ? sql`null::text[]` : textArray(values)

/** JSON escapes control characters within strings, so this one cannot occur in a canonical text. */
const recordSeparator = '\u001e'

/** JSON texts as a text array: joined and split, since escaping every quote of JSON in a literal is dear. */
export const jsonTextArray = (texts: readonly string[]): RawBuilder<unknown> =>
  sql`string_to_array(${texts.join(recordSeparator)}, chr(30))`

function literal(values: readonly (string | null)[]): string {
  let text = '{'
  for (const value of values) {
    if (text.length > 1) text += ','
    text += value === null ? 'NULL' : quoted(value)
  }
  return `${text}}`
}

const needsEscape = /["\\]/

const quoted = (value: string): string =>
  needsEscape.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : `"${value}"`
