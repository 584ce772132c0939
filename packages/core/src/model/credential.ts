/** Names one credential. A tenant never sees another tenant's, also under the same reference. */
export interface CredentialId {
  readonly tenantId: string
  /** What a connector's `credentialRef` says; 1 to 255 characters. */
  readonly ref: string
}

/**
 * ```
 * active           may be used
 * reauth_required  upstream no longer accepts it and it cannot be refreshed: a person must save a new one
 * ```
 */
export type CredentialState = 'active' | 'reauth_required'

/** A credential with its secrets. Never log it, never put it into an error, a record or a cursor. */
export interface Credential extends CredentialId {
  /** Grows with every change of the values; a number is never used twice, also not after a removal. */
  readonly version: number
  /** By name, as the connector type asks for them: `{ clientId, clientSecret, accessToken, refreshToken }`. */
  readonly values: Readonly<Record<string, string>>
  /** When upstream stops accepting it; absent: not known, or never. */
  readonly expiresAt?: Date | undefined
  readonly state: CredentialState
  /** When the values were saved, by store time. */
  readonly savedAt: Date
}

/** A credential as it may be shown: nothing of its values but their names. */
export type CredentialSummary = Omit<Credential, 'values'> & { readonly names: readonly string[] }

/** New values of a credential. */
export interface CredentialValues {
  readonly values: Readonly<Record<string, string>>
  /** When upstream stops accepting them; absent: not known, or never. */
  readonly expiresAt?: Date | undefined
}
