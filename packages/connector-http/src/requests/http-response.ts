/** An answer, read to its end. */
export interface HttpResponse {
  readonly status: number
  /** The first value of a header, whatever the case of its name. */
  header(name: string): string | undefined
  /** Names in lower case; more than one value where a header was repeated. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly text: string
  /**
   * A link of this answer as it may be kept in a cursor: without the origin and what the
   * authenticator wrote into the query.
   * @throws UPSTREAM_REJECTED when it leads to another origin
   */
  link(reference: string): string
  /** What the text says: parsed JSON, or what `decode` made of it. Undefined when there is none. */
  readonly body: unknown
  /** An error rule said that this answer means "nothing there": no records, and no page after it. */
  readonly empty: boolean
}
