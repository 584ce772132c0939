import { createHash } from 'node:crypto'
import { canonicalJson } from '../hashing/canonical-json.ts'
import type { Checkpoint, StageTimings, SyncStats } from '../model/run.ts'
import type { FilterRules } from '../model/sync-config.ts'

export const zeroStats: SyncStats = {
  added: 0,
  updated: 0,
  unchanged: 0,
  restored: 0,
  staled: 0,
  removed: 0,
  excluded: 0,
  quarantined: 0,
  durationMs: 0,
  pagesProcessed: 0,
  totalUpstreamRecords: 0,
}

export const zeroTimings: StageTimings = { fetchMs: 0, transformMs: 0, writeMs: 0, staleMs: 0, postSyncMs: 0 }

/** The start of a listing. */
export function firstCheckpoint(
  start: Pick<Checkpoint, 'modifiedSince' | 'nextWatermark' | 'rules'>,
): Checkpoint {
  return { version: 1, phase: 'listing', pages: 0, emptyPages: 0, kept: 0, capped: false, ...start }
}

/** Whether every page of the listing has been committed. */
export const listingEnded = (checkpoint: Checkpoint): boolean =>
  checkpoint.pages > 0 && checkpoint.cursor === undefined

/** Marks what a listing was filtered, hashed and addressed by. */
export function rulesMark(rules: {
  readonly filterRules: FilterRules | undefined
  readonly hashRecipe: string
  readonly connectorConfig: unknown
}): string {
  const text = canonicalJson({ ...rules, filterRules: rules.filterRules ?? null })
  return createHash('sha256').update(text).digest('hex')
}
