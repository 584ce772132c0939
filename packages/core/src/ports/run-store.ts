import type { SyncError } from '../errors.ts'
import type {
  Checkpoint,
  GuardVerdict,
  RequestedRun,
  Run,
  RunError,
  RunMode,
  RunStatus,
  StageTimings,
  SyncStats,
} from '../model/run.ts'
import type { SchedulePlan } from '../model/schedule.ts'
import type { Scope } from '../model/scope.ts'

/** What a store knows of a scope at the instant a run wants to begin. */
export interface ScopeState {
  /** The store's own time. */
  readonly now: Date
  /** The run in status `running`, if any, whether or not its lease still holds. */
  readonly running?: Run | undefined
  /** The run that waits to begin, if any. */
  readonly queued?: Run | undefined
  /** The run that began last, in any status. */
  readonly latest?: Run | undefined
  /** The newest full run of the scope, when it is `guarded` and not approved; a later full run supersedes it. */
  readonly guarded?: Run | undefined
  /** The highest generation ever used in the scope; 0 when none. */
  readonly generation: number
  /** Running runs with a live lease of the same tenant, all connectors. */
  readonly tenantRunning: number
  /** When a run of this scope last began. */
  readonly lastStartedAt?: Date | undefined
  /** When it is due; absent unless its config is enabled and has a schedule. */
  readonly plan?: SchedulePlan | undefined
}

/** A run to be begun later, by any process. */
export interface QueuedRun extends Scope {
  readonly runId: string
  readonly tenantId: string
  /** What it looks like until it begins. */
  readonly mode: RunMode
  readonly requested: RequestedRun
  readonly checkpoint: Checkpoint
  readonly stats: SyncStats
  readonly timings: StageTimings
}

/** A run to insert. The store adds the fencing token and its own times. The id of the queued run begins that one. */
export interface NewRun {
  readonly runId: string
  readonly mode: RunMode
  readonly generation: number
  /** Set when a listing is resumed or approved; absent: now, by store time. */
  readonly generationStartedAt?: Date | undefined
  readonly leaseMs: number
  readonly checkpoint: Checkpoint
  readonly stats: SyncStats
  readonly timings: StageTimings
  readonly totalEstimate?: number | undefined
  readonly resumedFrom?: string | undefined
  readonly approves?: { readonly runId: string; readonly by: string } | undefined
  /** Identifies algorithm and options of the content hash; hashes of another recipe are compared by content. */
  readonly hashRecipe: string
  /** Forget which records generations below this one saw. */
  readonly forgetSeenBefore: number
}

/** What core decides from a scope's state. */
export type BeginDecision =
  | { readonly kind: 'refuse'; readonly error: SyncError }
  | {
      readonly kind: 'start'
      readonly run: NewRun
      readonly abandonRunning: boolean
      /** Written with the run: what was due is being done (a tick is not lost with its process, nor done twice). */
      readonly plan?: SchedulePlan | undefined
    }

/** Proof that a run may write: compared in every write transaction (I5). */
export interface Lease extends Scope {
  readonly runId: string
  readonly fencingToken: number
  readonly leaseMs: number
}

/** How a run ends. */
export interface FinishRun {
  readonly lease: Lease
  readonly status: Exclude<RunStatus, 'queued' | 'running'>
  readonly checkpoint: Checkpoint
  readonly timings: StageTimings
  readonly durationMs: number
  readonly resumable: boolean
  readonly complete: boolean
  readonly error?: RunError | undefined
  readonly guard?: GuardVerdict | undefined
  /** Written to the sync config when given: where the next incremental run starts. */
  readonly watermark?: string | undefined
  /** The scope's resources that are not stale were all confirmed by this generation: moves their `syncedAt`. */
  readonly confirmsScope: boolean
  /** Forget which records this generation and all before it saw. */
  readonly forgetSeen: boolean
}

/** Owner that a run must have: one of another connector or tenant is not found. Absent: any. */
export interface RunOwner {
  readonly connectorId?: string | undefined
  readonly tenantId?: string | undefined
}

/** Which runs. */
export interface RunFilter extends RunOwner {
  readonly resourceType?: string | undefined
  readonly status?: RunStatus | undefined
}

/** Which runs to list, newest first. */
export interface RunQuery extends RunFilter {
  /** Only runs that began before this one. There are none when it is unknown, or another owner's. */
  readonly before?: string | undefined
  readonly limit: number
  /** Runs to pass over: numbered pages. @default 0 */
  readonly offset?: number | undefined
}

/** Run history, leases and checkpoints. All times are the store's own. */
export interface RunStore {
  /**
   * Begins a run. Must be atomic and exclusive per scope: reads the state, calls `decide` (pure, synchronous,
   * perhaps called again when the store retries) and, when it says `start`, inserts the run as `running` with a
   * fencing token above all earlier ones of the scope. With `abandonRunning` the running run is first ended as
   * `error` with code `RUN_ABANDONED`. With `approves` that run is stamped as approved.
   * A queued run begins when its id is given: it keeps `queuedAt` and `requested`, and is the newest run from then on.
   * Counting `tenantRunning` must be exclusive per tenant. When it throws, nothing was written.
   * @throws CONNECTOR_NOT_FOUND, also when the connector belongs to another tenant by now
   */
  begin(
    scope: Scope & { readonly tenantId: string },
    decide: (state: ScopeState) => BeginDecision,
  ): Promise<
    { readonly kind: 'refused'; readonly error: SyncError } | { readonly kind: 'started'; readonly run: Run }
  >
  /** Extends the lease by `leaseMs` from now. `held` is false when the run no longer is the scope's running run. */
  renew(lease: Lease): Promise<{ readonly held: boolean; readonly cancelRequested: boolean }>
  /**
   * Moves a run from `running` to its final status, together with everything `FinishRun` names, in one
   * transaction. Repeating it for a run that has this status already returns the run.
   * @throws LEASE_LOST when another run took the scope over
   */
  finish(request: FinishRun): Promise<Run>
  /**
   * Inserts a run in status `queued`. `busy`: one run of the scope is queued already, or a run has this id; it is
   * answered and nothing was written.
   * @throws CONNECTOR_NOT_FOUND, also when the connector belongs to another tenant by now
   */
  enqueue(run: QueuedRun): Promise<{ readonly kind: 'queued' | 'busy'; readonly run: Run }>
  /** Ends a queued run that cannot begin as `error`. False when it is not queued. */
  refuse(request: { readonly runId: string; readonly error: RunError }): Promise<boolean>
  /**
   * Asks a running run to stop; it learns of it with its next page or renewal. A queued run is `cancelled` at once.
   * False when it is neither, or another owner's.
   */
  requestCancel(runId: string, owner?: RunOwner): Promise<boolean>
  get(runId: string, owner?: RunOwner): Promise<Run | undefined>
  list(query: RunQuery): Promise<readonly Run[]>
  /** How many there are. */
  count(query: RunFilter): Promise<number>
  /**
   * Removes up to `limit` runs that ended longer than `olderThanMs` ago, oldest first, and answers how many. The runs of
   * a scope's newest listing and of its newest full one are kept: later runs go on from them.
   */
  prune(request: { readonly olderThanMs: number; readonly limit: number }): Promise<number>
  /** Runs that say `running` but whose lease ran out: their process died. */
  abandoned(limit: number): Promise<readonly Run[]>
}
