import type { MatchDecision } from '../matching/decide-matches.ts'
import type { MatchStatus, SubjectResource } from '../model/match.ts'
import type { PlannedProfile, PlannedStatusChange, SkippedRule } from '../model/post-sync-plan.ts'
import { noPostSyncStats, type PostSyncStats } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { FieldChange } from '../model/profile.ts'
import type { Scope } from '../model/scope.ts'
import type { PeopleView } from './people-view.ts'

/** A user to deactivate or reactivate, and the resource that is the cause. */
export interface StatusDecision {
  readonly kind: 'deactivate' | 'reactivate'
  readonly planned: PlannedStatusChange
  readonly connectorResourceId: string
  readonly staleSince?: Date | undefined
  /** For `deactivate`: external ids of the scope that lead to the user, the one of the plan included. */
  readonly resources?: readonly string[] | undefined
}

/**
 * Where the decisions of the steps go: into the store and the directory, or into a plan. The steps are the same, so
 * that a plan cannot differ from what happens.
 */
export interface PeopleEffects {
  /** False when a row was changed meanwhile: nothing was written, and the slice has to be decided again. */
  matches(decisions: readonly MatchDecision[]): Promise<boolean>
  /** Makes the users that the matches asked for. @returns external ids of those whose e-mail another user has by now */
  creates(): Promise<readonly string[]>
  statuses(decisions: readonly StatusDecision[]): Promise<void>
  /** Ids of the users whose profile was changed meanwhile: they have to be decided again. */
  profiles(writes: readonly PlannedProfile[]): Promise<readonly string[]>
  /** Whether users are deactivated although the guard tripped. */
  readonly ignoresGuard: boolean
}

/** A post-sync under way, real or planned. */
export interface PostSyncWork {
  readonly scope: Scope
  readonly settings: PostSyncSettings
  readonly view: PeopleView
  readonly effects: PeopleEffects
  /** Distinct users linked through the scope when it began. */
  readonly linkedUsers: number
  readonly tally: Tally
  /** Profile fields a user made for the resource begins with. */
  readonly firstProfile: (resource: SubjectResource) => readonly FieldChange[]
  /** Ends the work when it may not go on: another one took over, or the host stops. */
  readonly checkpoint: () => void
}

/** Counters while they grow, and the rules that were not carried out. */
export interface Tally {
  readonly stats: { -readonly [Name in keyof PostSyncStats]: number }
  /** By rule and reason. */
  readonly skippedRules: Map<string, SkippedRule>
}

/** The counter of each status of a row. */
export const matchCounters: Record<
  MatchStatus,
  'matched' | 'unmatched' | 'ambiguous' | 'resolved' | 'pending'
> = {
  matched: 'matched',
  unmatched: 'unmatched',
  ambiguous: 'ambiguous',
  manual_override: 'resolved',
  skipped: 'resolved',
  create_pending: 'pending',
}

export function createTally(): Tally {
  return {
    stats: { ...noPostSyncStats },
    skippedRules: new Map(),
  }
}

export function noteSkipped({ skippedRules }: Tally, skipped: readonly SkippedRule[]): void {
  for (const rule of skipped) skippedRules.set(JSON.stringify(rule), rule)
}
