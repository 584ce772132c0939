import type { UserStatus } from './local-user.ts'
import type { MatchConfidence, MatchEvidence, MatchStatus, MatchStrategy } from './match.ts'
import type { DeactivationVerdict } from './post-sync-run.ts'
import type { FieldChange } from './profile.ts'
import type { Scope } from './scope.ts'

/** A match row before or after. */
export interface PlannedState {
  readonly matchStatus: MatchStatus
  readonly matchConfidence: MatchConfidence
  readonly matchStrategy?: MatchStrategy | undefined
  readonly userId?: string | undefined
  readonly candidateUserIds?: readonly string[] | undefined
  readonly problem?: string | undefined
}

/** A match row that is written. */
export interface PlannedMatch {
  readonly externalId: string
  readonly externalDisplayName: string
  readonly externalEmail?: string | undefined
  /** Absent: there is no row yet. */
  readonly from?: PlannedState | undefined
  readonly to: PlannedState
  readonly evidence: readonly MatchEvidence[]
  /** Version of the row it was decided on; 0: there is none. */
  readonly version: number
}

/** A user that is made for a resource. */
export interface PlannedCreate {
  readonly externalId: string
  readonly email: string
  readonly displayName: string
  /** Profile fields the user begins with: the defaults, then what the rules map. */
  readonly profile: readonly FieldChange[]
}

/** A user that is deactivated or reactivated. */
export interface PlannedStatusChange {
  readonly externalId: string
  readonly userId: string
  readonly email?: string | undefined
  readonly from: UserStatus
  readonly reason: string
}

/** A profile that is written. */
export interface PlannedProfile {
  readonly externalId: string
  readonly userId: string
  /** Version of the profile it was decided on. */
  readonly version: string
  readonly changes: readonly FieldChange[]
}

/** A mapping rule that is not carried out, and why. */
export interface SkippedRule {
  readonly sourcePath: string
  readonly targetField: string
  readonly reason: string
}

/**
 * Everything a post-sync would do, as JSON: keep it, show it, have it approved, and apply exactly it. Each list is
 * ordered by external id.
 */
export interface PostSyncPlan extends Scope {
  readonly version: 1
  readonly planId: string
  /** Tenant of the connector, and of every user in the plan. */
  readonly tenantId: string
  /** ISO instant. */
  readonly createdAt: string
  /** Mark of the settings it was decided under. */
  readonly settings: string
  readonly matches: readonly PlannedMatch[]
  readonly creates: readonly PlannedCreate[]
  /** Also when the guard tripped: then they wait for `approvedBy`. */
  readonly deactivations: readonly PlannedStatusChange[]
  readonly reactivations: readonly PlannedStatusChange[]
  readonly profiles: readonly PlannedProfile[]
  readonly skippedRules: readonly SkippedRule[]
  readonly guard: DeactivationVerdict
  /** SHA-256 of all other fields: a plan that was changed on its way is refused. */
  readonly digest: string
}
