import type { SyncStats } from './sync-stats.ts'

export type RunMode = 'full' | 'incremental'

export type RunStatus =
  | 'queued'
  | 'running'
  | 'success'
  | 'partial'
  | 'guarded'
  | 'error'
  | 'cancelled'
  | 'timeout'

/** How far a run is. */
export interface RunProgress {
  /** Records received so far. */
  readonly current: number
  /** Upstream's estimate of all; null while nobody knows. */
  readonly total: number | null
  readonly message: string
}

/** One execution of a sync. */
export interface Run {
  readonly id: string
  readonly connectorId: string
  readonly resourceType: string
  readonly mode: RunMode
  readonly status: RunStatus
  readonly queuedAt: string | null
  readonly startedAt: string
  /** null while it is queued or running. */
  readonly finishedAt: string | null
  readonly progress: RunProgress
  readonly stats: SyncStats
  /** Milliseconds of each stage. */
  readonly timings: {
    readonly fetchMs: number
    readonly transformMs: number
    readonly writeMs: number
    readonly staleMs: number
    readonly postSyncMs: number
  }
  readonly error: { readonly code: string; readonly message: string } | null
  /** What the removal guard saw; a guarded run waits for approval. */
  readonly guard: RunGuard | null
  /** The next run goes on where this one stopped. */
  readonly resumable: boolean
  /** Every page was read. */
  readonly complete: boolean
  readonly resumedFrom: string | null
  /** The guarded run whose removals this one carries out. */
  readonly approves: string | null
  readonly approvedBy: string | null
  readonly approvedAt: string | null
  readonly cancelRequested: boolean
}

export interface RunGuard {
  readonly live: number
  readonly unseen: number
  readonly limit: number
  readonly tripped: boolean
  readonly reason: 'nothing_seen' | 'too_many' | 'unreadable_ids' | null
}

/** A run as it stood at a moment, from its stream of events. */
export interface RunEvent {
  /** For `lastEventId`. */
  readonly id: string
  /** `finished` is the last one. */
  readonly event: 'progress' | 'finished'
  readonly run: Run
}

/** What came of a trigger. */
export type TriggerAnswer =
  | {
      /** The run ended with success. */
      readonly completed: true
      readonly message: string
      readonly stats: SyncStats
    }
  | {
      /** The run goes on, or has yet to begin. */
      readonly completed: false
      readonly message: string
      readonly runId: string
      /** Of the run, at this moment. */
      readonly status: string
    }
