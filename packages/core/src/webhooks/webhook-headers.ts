/** Headers as HTTP servers hand them over. */
export type GivenHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Headers that came once, by lower-case name, and the names of those that came more often. */
export interface ReadHeaders {
  readonly headers: Readonly<Record<string, string>>
  readonly repeated: readonly string[]
}

/** A header that came twice has no value: two readers might choose differently. */
export function readHeaders(given: GivenHeaders): ReadHeaders {
  const values = new Map<string, string[]>()
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const known = values.get(name.toLowerCase()) ?? []
    values.set(name.toLowerCase(), known.concat(value))
  }
  const entries = [...values]
  return {
    headers: Object.fromEntries(
      entries.flatMap(([name, [first, ...more]]) =>
        first === undefined || more.length > 0 ? [] : [[name, first]],
      ),
    ),
    repeated: entries.flatMap(([name, { length }]) => (length > 1 ? [name] : [])),
  }
}
