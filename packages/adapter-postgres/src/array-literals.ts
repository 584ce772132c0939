import { sql } from 'kysely'
import type { ArrayEncoding } from './arrays.ts'

/**
 * Arrays as PostgreSQL array literals, written here: the drivers differ in how they write NULLs, quotes and
 * backslashes, and pg's own writer costs several times as much.
 */
export const arrayLiterals: ArrayEncoding = {
  text: (values) => sql`${literal(values)}::text[]`,
  // Ids need no quotes.
  uuid: (ids) => sql`${`{${ids.join(',')}}`}::uuid[]`,
  // Joined and split, since escaping every quote of JSON in a literal is dear.
  json: (texts) => sql`string_to_array(${texts.join(recordSeparator)}, chr(30))`,
  bytes: (value) => sql`decode(${Buffer.from(value).toString('base64')}, 'base64')`,
}

/** JSON escapes control characters within strings, so this one cannot occur in a canonical text. */
const recordSeparator = '\u001e'

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
