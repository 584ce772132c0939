import { z } from 'zod'

const count = z.int().min(0)

/** Counters of a run. */
export const syncStatsDocument = z
  .object({
    added: count,
    updated: count,
    unchanged: count,
    restored: count.meta({ description: 'Were stale and are there again.' }),
    staled: count.meta({ description: 'Marked stale by this run.' }),
    removed: count.meta({ description: 'Purged by this run after their retention.' }),
    excluded: count.meta({ description: 'Left out by a filter rule.' }),
    quarantined: count,
    durationMs: z.number().min(0),
    pagesProcessed: count,
    totalUpstreamRecords: count.meta({ description: 'Records received, repeated ones included.' }),
  })
  .meta({ id: 'SyncStats', description: 'Counters of a run.' })
