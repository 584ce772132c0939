/** Headers as Node has them: names in lower case. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>

/** The one value of a header; of one that came several times, all of them, as HTTP joins them. */
export function headerOf(headers: HeaderValues, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : value
}
