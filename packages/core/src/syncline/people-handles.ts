import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { Match, MatchStatus } from '../model/match.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { Scope } from '../model/scope.ts'
import type { ActionQuery, MatchQuery, MatchSlice } from '../ports/people-store.ts'
import type { Paged, PageRequest } from './paged.ts'

/** A match row of a connector. */
export interface MatchRef {
  readonly connectorId: string
  readonly matchId: string
}

/** What an operator decides about a match row. */
export interface MatchResolution {
  readonly action: 'link' | 'skip' | 'create'
  /** Needed for `link`. */
  readonly userId?: string | undefined
  readonly notes?: string | undefined
  /** Id of the operator. */
  readonly resolvedBy: string
}

/** One decision about many rows of a connector. */
export interface BulkResolution extends Omit<MatchResolution, 'action'> {
  readonly connectorId: string
  /** 1 to 10,000. */
  readonly matchIds: readonly string[]
  readonly action: 'link' | 'skip'
}

/** Matching, life cycle and mapping of upstream people. */
export interface PostSyncHandle {
  /**
   * Matches, creates, deactivates, maps and triggers now, and resolves with the run, whatever its status. After a
   * sync that changed something it runs by itself.
   * @throws POST_SYNC_ALREADY_RUNNING, CONNECTOR_NOT_FOUND
   */
  run(scope: Scope): Promise<PostSyncRun>
  /** What `run` would do now, as data; writes nothing. */
  plan(scope: Scope): Promise<PostSyncPlan>
  /**
   * Does exactly what the plan says. Where its guard tripped, users are only deactivated when somebody approves it.
   * A plan that was carried out is answered by its run; one that was broken off goes on.
   * @throws PLAN_INVALID, PLAN_OUTDATED (with `details.differences`): nothing was written; POST_SYNC_ALREADY_RUNNING
   */
  apply(plan: PostSyncPlan, approval?: { readonly approvedBy?: string | undefined }): Promise<PostSyncRun>
  /** Newest first. @default limit 20 */
  runs(query: Scope & { readonly limit?: number | undefined }): Promise<readonly PostSyncRun[]>
  /** The journal: who did what to which user or link, when and why. Newest first. @default limit 100 */
  actions(query?: Partial<ActionQuery>): Promise<readonly LifecycleAction[]>
  /**
   * Takes one creation, deactivation or reactivation back, and keeps post-sync from doing it again for the same
   * cause: a created user is deactivated and its match row skipped. Resolves with the new journal entry; undoing
   * twice answers the same one.
   * @throws ACTION_NOT_FOUND, ACTION_NOT_UNDOABLE, USER_NOT_FOUND
   */
  undo(request: {
    readonly actionId: string
    readonly by: string
    /** Refuses an action of another tenant as if it did not exist. @default of any tenant */
    readonly tenantId?: string | undefined
  }): Promise<LifecycleAction>
  /** Hands recorded workflow jobs over now, and answers how many. `start()` does it regularly. */
  deliver(): Promise<number>
}

/** Match rows, and what operators decide about them. */
export interface MatchesHandle {
  list(query: MatchQuery & PageRequest): Promise<Paged<Match>>
  /** A part of the same list from an external id on: stable while rows come and go, as fast at any depth. */
  slice(query: Omit<MatchSlice, 'offset'>): Promise<readonly Match[]>
  stats(scope: Scope): Promise<Readonly<Record<MatchStatus, number>>>
  /** @throws MATCH_NOT_FOUND */
  get(ref: MatchRef): Promise<Match>
  /**
   * `link`: to this user, whatever post-sync finds · `skip`: to nobody · `create`: to a new unconfirmed user with the
   * row's e-mail. Repeating it changes nothing.
   * @throws MATCH_NOT_FOUND, MATCH_CHANGED, RESOLUTION_INVALID, USER_NOT_FOUND, MATCH_EMAIL_MISSING, USER_EXISTS
   */
  resolve(request: MatchRef & MatchResolution): Promise<Match>
  /** Back to `unmatched`, for the next post-sync to decide. Repeating it changes nothing. */
  unlink(request: MatchRef & { readonly resolvedBy: string }): Promise<Match>
  /** Rows of other connectors are left alone, and so are rows in `create_pending`. Answers how many were changed or were so already. */
  bulkResolve(request: BulkResolution): Promise<{ readonly updated: number }>
}
