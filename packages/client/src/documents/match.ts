export type MatchStrategy = 'email' | 'email_and_issuer' | 'upstream_identity' | 'external_id'

export type MatchStatus =
  | 'matched'
  | 'unmatched'
  | 'ambiguous'
  | 'manual_override'
  | 'skipped'
  | 'create_pending'

export interface MatchCandidate {
  readonly userId: string
  readonly email: string | null
  readonly confidence: 'ambiguous'
  /** The strategy that found the user. */
  readonly reason: MatchStrategy
}

/** The link between an upstream person and a user of the host. */
export interface Match {
  readonly id: string
  readonly connectorId: string
  readonly resourceType: string
  readonly connectorResourceId: string
  readonly externalId: string
  readonly externalDisplayName: string
  readonly externalEmail: string | null
  /** The linked user; null unless matched or linked by hand. */
  readonly userId: string | null
  readonly matchStatus: MatchStatus
  readonly matchConfidence: 'exact' | 'probable' | 'ambiguous' | 'none'
  readonly matchStrategy: MatchStrategy | null
  /** For `ambiguous` only; else null. */
  readonly candidateUserIds: readonly MatchCandidate[] | null
  readonly resolutionNotes: string | null
  readonly resolvedBy: string | null
  readonly resolvedAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** How many rows there are of each status. */
export type MatchStats = { readonly [Status in MatchStatus]: number }

/** Why, for whoever reads it later. */
interface Notes {
  readonly notes?: string | undefined
}

/** What an operator decides about a row: to this user · to nobody · to a new user with the e-mail of the resource. */
export type Resolution = Notes &
  (
    | { readonly action: 'link'; readonly userId: string }
    | { readonly action: 'skip' }
    | { readonly action: 'create' }
  )

/** One decision about many rows. */
export type BulkResolution = Notes & { readonly matchIds: readonly string[] } & (
    | { readonly action: 'link'; readonly userId: string }
    | { readonly action: 'skip' }
  )
