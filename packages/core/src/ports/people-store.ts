import type { ActionKind, LifecycleAction } from '../model/lifecycle-action.ts'
import type { Match, MatchState, MatchStatus, MatchSubject, UserLink } from '../model/match.ts'
import type { Owner } from '../model/owner.ts'
import type { DeactivationVerdict, PostSyncRun, PostSyncStats } from '../model/post-sync-run.ts'
import type { RunError } from '../model/run.ts'
import type { ResourceRef, Scope } from '../model/scope.ts'
import type { WorkflowJob } from '../model/workflow-job.ts'

/** Proof that a post-sync may write: compared in every commit. */
export interface PostSyncLease extends Scope {
  readonly runId: string
  readonly fencingToken: number
  readonly leaseMs: number
}

/** How a post-sync ends. */
export interface FinishPostSync {
  readonly lease: PostSyncLease
  readonly status: Exclude<PostSyncRun['status'], 'running'>
  readonly stats: PostSyncStats
  readonly guard?: DeactivationVerdict | undefined
  readonly error?: RunError | undefined
  /** For `error`: when to try again, from now. */
  readonly retryAfterMs?: number | undefined
  /** Recorded in the same transaction, unless the run was finished before. */
  readonly jobs: readonly WorkflowJob[]
}

/** A slice of the subjects of a scope, ordered by external id by code point. */
export interface SubjectSlice {
  readonly scope: Scope
  /**
   * live: resources that are not stale, with their match rows · live_linked: those of them whose row holds a user ·
   * absent_linked: rows that hold a user and whose resource is stale or gone
   */
  readonly which: 'live' | 'live_linked' | 'absent_linked'
  readonly limit: number
  /** Only what comes after this external id, which need not be there. */
  readonly after?: string | undefined
  /** False: those of the resources are `{}`; reading them is half of the work. @default true */
  readonly attributes?: boolean | undefined
}

/** A match row to insert or replace. */
export interface MatchWrite extends MatchState {
  readonly externalId: string
  readonly connectorResourceId: string
  readonly externalDisplayName: string
  readonly externalEmail?: string | undefined
  /** `now` is the time of the write, by the store. */
  readonly resolvedAt?: Date | 'now' | undefined
  /** Version of the row it was decided on; 0: there was none. */
  readonly version: number
}

/** An action to record. The store adds position, time and the tenant of the connector. */
export type NewAction = Omit<LifecycleAction, keyof Scope | 'tenantId' | 'position' | 'at' | 'settledAt'>

/** What an intended action came to. */
export type SettledAction = { readonly actionId: string } & Partial<
  Pick<LifecycleAction, 'userId' | 'before' | 'after' | 'problem'>
> & { readonly status: Exclude<LifecycleAction['status'], 'intended'> }

/** Everything that changes together. */
export interface PeopleCommit extends Owner {
  readonly scope: Scope
  /** Absent: an operator's change, outside a run. */
  readonly lease?: PostSyncLease | undefined
  /** Distinct by external id. */
  readonly matches: readonly MatchWrite[]
  readonly actions: readonly NewAction[]
  readonly settled: readonly SettledAction[]
  readonly jobs: readonly WorkflowJob[]
  /** Changes up to this position have their jobs. */
  readonly triggeredTo?: number | undefined
}

export type PeopleCommitted =
  | { readonly kind: 'committed' }
  /** Nothing was written: these are not any more what was decided on. */
  | { readonly kind: 'conflict'; readonly externalIds: readonly string[] }

export interface MatchQuery extends Scope {
  readonly status?: MatchStatus | undefined
  /** Part of external id, e-mail or display name; as in `ResourceQuery`. */
  readonly search?: string | undefined
}

/** A part of the result, ordered by external id by code point. */
export interface MatchSlice extends MatchQuery {
  readonly limit: number
  /** Rows to pass over: numbered pages. */
  readonly offset?: number | undefined
  /** Only what comes after this external id, which need not be there: stable pages, as fast at any depth. */
  readonly after?: string | undefined
}

/**
 * Entries of the journal. With a `connectorId` that there is, only those of the tenant that owns it now.
 */
export interface ActionQuery extends Partial<ResourceRef> {
  readonly tenantId?: string | undefined
  readonly kind?: ActionKind | undefined
  readonly userId?: string | undefined
  readonly runId?: string | undefined
  /** Only what was recorded before this position. */
  readonly before?: number | undefined
  readonly limit: number
}

/**
 * What post-sync and reconciliation keep: match rows, the journal of actions, jobs on their way out, and runs. Lives
 * beside the resources, which it reads. All times are the store's own. Reads see every commit that was answered.
 */
export interface PeopleStore {
  /**
   * Begins a post-sync, exclusively per scope: `running` answers the one that holds the scope. One whose lease ended
   * is first ended as `error` with code `RUN_ABANDONED`. The new one gets a fencing token above all earlier ones.
   * `triggeredTo`: see `PeopleCommit`; 0 at first. `tenantId`: the tenant that the connector belongs to now.
   * @throws CONNECTOR_NOT_FOUND
   */
  begin(request: {
    readonly scope: Scope
    readonly runId: string
    readonly planId?: string | undefined
    readonly leaseMs: number
  }): Promise<
    | {
        readonly kind: 'started'
        readonly run: PostSyncRun
        readonly triggeredTo: number
        readonly tenantId: string
      }
    | { readonly kind: 'running'; readonly runId: string }
  >
  /** Extends the lease by `leaseMs` from now. False when the run no longer is the scope's running one. */
  renew(lease: PostSyncLease): Promise<boolean>
  /**
   * Ends a run, with its jobs, in one transaction. With `success` or `guarded` the scope counts as processed up to
   * the run's `toPosition`. Repeating it for a run that has this status already returns the run.
   * @throws LEASE_LOST
   */
  finish(request: FinishPostSync): Promise<PostSyncRun>
  /** Runs of a scope, newest first. */
  runs(query: Scope & { readonly limit: number }): Promise<readonly PostSyncRun[]>
  /**
   * Scopes of these resource types with changes after what is processed, or whose last run failed or was abandoned and
   * was not a plan's, in which neither a sync nor a post-sync is running under a live lease, and whose `retryAt` has
   * passed. Ordered by connector id, resource type.
   */
  due(query: { readonly resourceTypes: readonly string[]; readonly limit: number }): Promise<readonly Scope[]>

  subjects(slice: SubjectSlice): Promise<readonly MatchSubject[]>
  /** The subjects of these external ids, in any order and of any state; what has neither row is left out. */
  subjectsOf(scope: Scope, externalIds: readonly string[]): Promise<readonly MatchSubject[]>
  /** How many distinct users the match rows of a scope hold. */
  linkedUsers(scope: Scope): Promise<number>
  /** Every match row, of any connector of the tenant, that holds one of these users. In any order. */
  links(userIds: readonly string[], owner: Owner): Promise<readonly UserLink[]>

  /**
   * Writes all of it in one transaction, or nothing. With a lease it proves and extends it.
   * Conflict, and nothing written, when a match row has another version than the one given or an intended
   * `deactivate`, unless it `undoes` something, has lost its cause: its resource is live, or its user is in the match
   * row of another live resource of the scope or of any resource of another scope of the tenant.
   * `tenantId` is the tenant that everything was decided for. When the connector belongs to another one by now,
   * CONNECTOR_NOT_FOUND is thrown and nothing is written.
   * Match rows: `matchId` and `createdAt` are kept, `version` grows by 1. An action whose id is recorded, a settling
   * of an action that is settled and a job whose key is recorded change nothing. `triggeredTo` never goes back.
   * @throws LEASE_LOST, CONNECTOR_NOT_FOUND
   */
  commit(commit: PeopleCommit): Promise<PeopleCommitted>

  /** The rows of a connector with these ids, in any order; those of other connectors and unknown ids are left out. */
  matchesOf(request: {
    readonly connectorId: string
    readonly matchIds: readonly string[]
  }): Promise<readonly Match[]>
  find(slice: MatchSlice): Promise<readonly Match[]>
  /** How many there are; counting stops at `atMost`. */
  count(query: MatchQuery & { readonly atMost?: number | undefined }): Promise<number>
  stats(scope: Scope): Promise<Readonly<Record<MatchStatus, number>>>

  action(actionId: string): Promise<LifecycleAction | undefined>
  /** The journal, newest first. */
  actions(query: ActionQuery): Promise<readonly LifecycleAction[]>
  /** Intended actions of a scope and its connector's tenant that nobody settled, after a position, in order, and how long ago each was recorded. */
  openActions(request: {
    readonly scope: Scope
    readonly after: number
    readonly limit: number
  }): Promise<readonly (LifecycleAction & { readonly ageMs: number })[]>
  /** For each user of the tenant, the last `create`, `deactivate` or `reactivate` that was done; users without one are left out. */
  lastActions(userIds: readonly string[], owner: Owner): Promise<readonly LifecycleAction[]>
  /**
   * Deactivations of a scope, of users of the tenant, that were done and are the last action of their user (see
   * `lastActions`), after a position, in order.
   */
  deactivations(request: {
    readonly scope: Scope
    readonly tenantId: string
    readonly after: number
    readonly limit: number
  }): Promise<readonly LifecycleAction[]>

  /**
   * Claims jobs that were not delivered for `leaseMs`, in the order they were recorded: of any number of callers one
   * gets each. One whose claim ended is claimed again.
   */
  claimJobs(request: { readonly limit: number; readonly leaseMs: number }): Promise<readonly WorkflowJob[]>
  /** Marks claimed jobs as delivered; they are never claimed again. Repeatable. */
  deliveredJobs(idempotencyKeys: readonly string[]): Promise<void>
}
