/** What is kept of an upstream object. Instants are ISO 8601 in UTC, here and in every document. */
export interface Resource {
  readonly id: string
  readonly connectorId: string
  readonly resourceType: string
  /** Id upstream, byte for byte. */
  readonly externalId: string
  readonly displayName: string
  readonly email: string | null
  /** Everything else that upstream says. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly parent: { readonly resourceType: string; readonly externalId: string } | null
  /** SHA-256 of the canonical record, hexadecimal. */
  readonly syncHash: string
  /** Since when a complete listing no longer has it; null while it is live. */
  readonly staleSince: string | null
  /** When upstream last confirmed it. */
  readonly syncedAt: string
  readonly createdAt: string
}
