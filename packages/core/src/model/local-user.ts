/**
 * active: may sign in · unconfirmed: made by post-sync or an operator, the person has not confirmed it yet ·
 * deactivated: soft-deleted, may come back
 */
export const userStatuses = ['active', 'unconfirmed', 'deactivated'] as const

export type UserStatus = (typeof userStatuses)[number]

/** A user of the host, as far as matching needs to know one. Text is as the host keeps it, not folded. */
export interface LocalUser {
  readonly userId: string
  /** Tenant of the user. Core refuses a user of another tenant than the one it asked for. @default 'default' */
  readonly tenantId?: string | undefined
  readonly status: UserStatus
  readonly email?: string | undefined
  /** Subject at the host's own identity provider. */
  readonly sub?: string | undefined
  /** Id of the person at the provider that `upstreamIssuer` names. */
  readonly upstreamId?: string | undefined
  readonly upstreamIssuer?: string | undefined
}
