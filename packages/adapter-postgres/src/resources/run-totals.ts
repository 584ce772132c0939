import type { SyncStats } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'

/** Counters of a run, as `totalColumns` read them. */
export interface RunTotals extends SyncStats {
  readonly cancelRequested: boolean
  /** Milliseconds of the database's time. */
  readonly nowMs: number
}

/** Columns of a run `r`. */
export const totalColumns: RawBuilder<unknown> = sql`r.added, r.updated, r.unchanged, r.restored, r.staled,
  r.removed, r.excluded, r.quarantined, r.duration_ms::float8 as "durationMs",
  r.pages_processed as "pagesProcessed", r.total_upstream_records::float8 as "totalUpstreamRecords",
  r.cancel_requested as "cancelRequested", (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`

/** The counters alone. */
export const totalsOf = ({
  added,
  updated,
  unchanged,
  restored,
  staled,
  removed,
  excluded,
  quarantined,
  durationMs,
  pagesProcessed,
  totalUpstreamRecords,
}: RunTotals): SyncStats => ({
  added,
  updated,
  unchanged,
  restored,
  staled,
  removed,
  excluded,
  quarantined,
  durationMs,
  pagesProcessed,
  totalUpstreamRecords,
})
