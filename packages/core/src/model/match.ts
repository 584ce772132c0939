import type { Resource } from './resource.ts'
import type { ResourceRef } from './scope.ts'

/** How a resource is compared with the host's users. */
export const matchStrategies = ['email', 'email_and_issuer', 'upstream_identity', 'external_id'] as const

export type MatchStrategy = (typeof matchStrategies)[number]

/**
 * matched: linked by a strategy, or to the user made for it · unmatched: no user · ambiguous: several users, see the
 * candidates · manual_override: linked by an operator · skipped: an operator wants no link · create_pending: a user is
 * being made for it. Post-sync never touches `manual_override` and `skipped`.
 */
export const matchStatuses = [
  'matched',
  'unmatched',
  'ambiguous',
  'manual_override',
  'skipped',
  'create_pending',
] as const

export type MatchStatus = (typeof matchStatuses)[number]

/** exact: the primary strategy found one user, or it was made for the resource · probable: a fallback found one. */
export type MatchConfidence = 'exact' | 'probable' | 'ambiguous' | 'none'

/** One of the users that an ambiguous resource may be. */
export interface MatchCandidate {
  readonly userId: string
  readonly email?: string | undefined
  readonly confidence: 'ambiguous'
  /** The strategy that found it. */
  readonly reason: MatchStrategy
}

/** What one strategy of the chain came to. */
export interface MatchEvidence {
  readonly strategy: MatchStrategy
  /** What was looked up, folded; absent when the resource has no such value. */
  readonly key?: { readonly value: string; readonly issuer?: string | undefined } | undefined
  /** How many users count; counting stops at 10. */
  readonly hits: number
}

/**
 * USER_EXISTS: another user has its e-mail · USER_LINK_LOST: it was linked to `userId`, who is still there, so making
 * another user might make the same person twice
 */
export interface MatchProblem {
  readonly code: 'USER_EXISTS' | 'USER_LINK_LOST'
  readonly message: string
  readonly userId?: string | undefined
}

/** What is decided about a resource, by a strategy or by an operator. */
export interface MatchState {
  /** Present exactly while the status is `matched` or `manual_override`. */
  readonly userId?: string | undefined
  readonly matchStatus: MatchStatus
  readonly matchConfidence: MatchConfidence
  /** The strategy that decided; absent when none or an operator did. */
  readonly matchStrategy?: MatchStrategy | undefined
  /** At most 10, for `ambiguous` only. */
  readonly candidateUserIds?: readonly MatchCandidate[] | undefined
  /** Every strategy that was tried, in order. */
  readonly evidence: readonly MatchEvidence[]
  /** Why no user was made for the resource although one should be. */
  readonly problem?: MatchProblem | undefined
  readonly resolutionNotes?: string | undefined
  /** Who resolved it. */
  readonly resolvedBy?: string | undefined
}

/**
 * The link between a resource and a local user: one row per (connector, resource type, external id). It outlives its
 * resource, so that a link survives going stale, the purge and the return.
 */
export interface Match extends ResourceRef, MatchState {
  /** A UUID. */
  readonly matchId: string
  /** The resource it was decided on last. */
  readonly connectorResourceId: string
  readonly externalDisplayName: string
  readonly externalEmail?: string | undefined
  /** When an operator resolved it. */
  readonly resolvedAt?: Date | undefined
  /** Grows with every write of the row. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What post-sync looks at of a resource. */
export type SubjectResource = Omit<Resource, 'hash' | 'syncedAt' | 'createdAt'>

/** What matching looks at: a resource, its match row, or both. A resource that is gone leaves its match row. */
export interface MatchSubject {
  readonly externalId: string
  /** Live, or stale when `staleSince` is set. */
  readonly resource?: SubjectResource | undefined
  readonly match?: Match | undefined
}

/** One match row that holds a user, in any connector. */
export interface UserLink extends ResourceRef {
  readonly userId: string
  /** The resource is there and not stale. */
  readonly live: boolean
}
