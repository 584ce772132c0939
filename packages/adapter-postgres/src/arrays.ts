import { type RawBuilder, sql } from 'kysely'

/** How arrays travel to the database: as text that any driver takes, or as bytes, which cost a third. */
export interface ArrayEncoding {
  text(values: readonly (string | null)[]): RawBuilder<unknown>
  uuid(ids: readonly string[]): RawBuilder<unknown>
  /** JSON texts, as an array of text. */
  json(texts: readonly string[]): RawBuilder<unknown>
  bytes(value: Uint8Array): RawBuilder<unknown>
}

/** A column of a table made with `unnest`; NULL throughout costs nothing, because shorter arrays are filled up. */
export const optionalText = (
  arrays: ArrayEncoding,
  values: readonly (string | null)[],
): RawBuilder<unknown> => (values.every((value) => value === null) ? sql`null::text[]` : arrays.text(values))
