/** Counters of a run. */
export interface SyncStats {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  /** Were stale and are there again. */
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
