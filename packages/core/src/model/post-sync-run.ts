import type { RunError } from './run.ts'
import type { Scope } from './scope.ts'

/** Counters of a post-sync. A resource counts in one of the first five. */
export interface PostSyncStats {
  readonly matched: number
  readonly unmatched: number
  readonly ambiguous: number
  /** `manual_override` and `skipped`: decided by an operator. */
  readonly resolved: number
  /** `create_pending` when the run ended: an operator's creation is under way. */
  readonly pending: number
  /** Match rows that were written. */
  readonly changed: number
  readonly created: number
  /** Users that were not made. The match row contains the problem, or the user who has the e-mail by now. */
  readonly createFailed: number
  readonly deactivated: number
  readonly reactivated: number
  /** Profiles that were written. */
  readonly profilesUpdated: number
  /** Workflow jobs that were recorded. */
  readonly jobs: number
  /** Live resources whose match row has the problem `USER_LINK_LOST`: an operator must resolve them. */
  readonly linksLost: number
  /** Changes that were pruned before a `per_record` job was made for them. */
  readonly changesLost: number
}

/** Of a post-sync that has done nothing yet. */
export const noPostSyncStats: PostSyncStats = {
  matched: 0,
  unmatched: 0,
  ambiguous: 0,
  resolved: 0,
  pending: 0,
  changed: 0,
  created: 0,
  createFailed: 0,
  deactivated: 0,
  reactivated: 0,
  profilesUpdated: 0,
  jobs: 0,
  linksLost: 0,
  changesLost: 0,
}

/** What the deactivation guard saw. */
export interface DeactivationVerdict {
  /** Users linked through the scope when the post-sync began. */
  readonly linked: number
  /** Users to deactivate. */
  readonly candidates: number
  /** The most a post-sync may deactivate unasked. */
  readonly limit: number
  readonly tripped: boolean
}

/**
 * success: everything was done · guarded: everything but the deactivations, which wait for an approved plan ·
 * error: it stopped, see the error; what it did before stands, and the next one goes on.
 */
export type PostSyncStatus = 'running' | 'success' | 'guarded' | 'error'

/** One execution of post-sync. */
export interface PostSyncRun extends Scope {
  readonly runId: string
  readonly status: PostSyncStatus
  /** Failures in a row before this one, plus one. */
  readonly attempt: number
  /** The plan it carries out; absent when it decides as it goes. */
  readonly planId?: string | undefined
  /** Grows with every post-sync of the scope; a commit that carries an older one is refused. */
  readonly fencingToken: number
  /** Position of the scope's last change when it began. */
  readonly toPosition: number
  readonly stats: PostSyncStats
  readonly guard?: DeactivationVerdict | undefined
  readonly error?: RunError | undefined
  readonly startedAt: Date
  readonly finishedAt?: Date | undefined
  /** When a failed one is to be tried again. */
  readonly retryAt?: Date | undefined
}
