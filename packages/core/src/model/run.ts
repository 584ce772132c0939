import type { JsonObject } from './json.ts'
import type { Scope } from './scope.ts'

export type RunMode = 'full' | 'incremental'

/**
 * ```
 * queued → running → success     the listing ended and everything it implies is done
 *                  → partial     stopped early on purpose (a limit, a long wait); the next run resumes it
 *                  → guarded     the listing ended, but the removal guard refused to mark stale
 *                  → error       failed, or its process died
 *                  → cancelled   an operator or the host's signal ended it
 *                  → timeout     it ran longer than it may
 * ```
 */
export type RunStatus =
  | 'queued'
  | 'running'
  | 'success'
  | 'partial'
  | 'guarded'
  | 'error'
  | 'cancelled'
  | 'timeout'

/** Counters of a run. Each record key counts once, also when it is listed on several pages or the run was resumed. */
export interface SyncStats {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly restored: number
  /** Marked stale by this run. */
  readonly staled: number
  /** Purged by this run after their retention. */
  readonly removed: number
  /** Left out by a filter rule. */
  readonly excluded: number
  readonly quarantined: number
  readonly durationMs: number
  readonly pagesProcessed: number
  /** Records received, repeated ones included. */
  readonly totalUpstreamRecords: number
}

/** Milliseconds spent per stage; fetch and write overlap, so the sum may exceed the duration. */
export interface StageTimings {
  readonly fetchMs: number
  readonly transformMs: number
  readonly writeMs: number
  readonly staleMs: number
  readonly postSyncMs: number
}

/**
 * Where a listing stands, committed with each page. Holds the frontier only; everything else is in the store.
 * `version` lets a newer release refuse or read what an older one wrote.
 */
export interface Checkpoint {
  readonly version: 1
  /** listing → sweeping (guard passed) → done */
  readonly phase: 'listing' | 'sweeping' | 'done'
  /** Token of the next page; absent before the first page and after the last. */
  readonly cursor?: string | undefined
  /** Pages committed in this generation. */
  readonly pages: number
  /** Empty pages in a row up to here. */
  readonly emptyPages: number
  /** Records kept so far, for `maxRecords`. */
  readonly kept: number
  /** `maxRecords` ended the listing before upstream did. */
  readonly capped: boolean
  /** `modifiedSince` of this listing; absent for a full one. */
  readonly modifiedSince?: string | undefined
  /** The watermark this listing sets when it completes. */
  readonly nextWatermark: string
  /** What the listing was filtered and hashed by; a resume under other rules would mix two listings. */
  readonly rules: string
}

/** What the removal guard saw. */
export interface GuardVerdict {
  readonly live: number
  readonly unseen: number
  /** The most rows this run may mark stale unasked. */
  readonly limit: number
  readonly tripped: boolean
  /**
   * nothing_seen: the listing was empty · too_many: more than the limit · unreadable_ids: records without a readable
   * id were listed, and each may be one of the missing
   */
  readonly reason?: 'nothing_seen' | 'too_many' | 'unreadable_ids' | undefined
}

/** What somebody asked a queued run to be. */
export interface RequestedRun {
  readonly mode?: RunMode | undefined
  readonly restart?: boolean | undefined
  /** The guarded run whose removals it is to carry out, and who approved them. */
  readonly approves?: { readonly runId: string; readonly by: string } | undefined
}

export interface RunError {
  readonly code: string
  readonly message: string
  readonly details?: JsonObject | undefined
}

/** One execution of a sync. */
export interface Run extends Scope {
  readonly runId: string
  readonly tenantId: string
  readonly mode: RunMode
  readonly status: RunStatus
  /** Number of the listing in its scope; a resumed listing keeps it. */
  readonly generation: number
  /** Store time at which the listing began, in whichever run that was. */
  readonly generationStartedAt: Date
  /** Grows with every run of the scope; a commit that carries an older one is refused. */
  readonly fencingToken: number
  /** When it was queued; absent for a run that began at once. */
  readonly queuedAt?: Date | undefined
  readonly requested?: RequestedRun | undefined
  /** While it is queued: when it was. */
  readonly startedAt: Date
  readonly finishedAt?: Date | undefined
  readonly leaseExpiresAt: Date
  readonly checkpoint: Checkpoint
  readonly stats: SyncStats
  readonly timings: StageTimings
  readonly totalEstimate?: number | undefined
  readonly error?: RunError | undefined
  readonly guard?: GuardVerdict | undefined
  /** The next run goes on from this one's checkpoint. */
  readonly resumable: boolean
  /** Every page was read; no limit cut the listing short. */
  readonly complete: boolean
  /** The run whose listing this one continues. */
  readonly resumedFrom?: string | undefined
  /** The guarded run whose removals this one carries out. */
  readonly approves?: string | undefined
  readonly approvedBy?: string | undefined
  readonly approvedAt?: Date | undefined
  readonly cancelRequested: boolean
}
