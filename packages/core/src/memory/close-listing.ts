import type { SyncStats } from '../model/run.ts'
import type { GenerationScope, ListingSummary } from '../ports/resource-store.ts'
import { fencedRun } from './fence.ts'
import { syncedAt } from './find-rows.ts'
import {
  copyOf,
  type MemoryState,
  openScope,
  type ScopeData,
  type StoredRow,
  type StoredRun,
} from './memory-state.ts'

/** Makes the counters exact and counts what a sweep would mark. @throws LEASE_LOST */
export function closeListing(
  state: MemoryState,
  { lease, generation, full }: GenerationScope & { readonly full: boolean },
): ListingSummary {
  const stored = fencedRun(state, lease)
  const data = openScope(state, lease)
  if (full) dropEarlierQuarantine(data, generation)
  const stats = exactStats(data, generation, stored.run.stats)
  stored.run = { ...stored.run, stats }
  const live = [...data.rows.values()].filter((row) => row.staleSince === undefined).length
  const unseen = [...unseenRows(data, generation, stored)].length
  return { stats: copyOf(stats), live, unseen }
}

/**
 * The live rows seen neither in this generation nor in a later one, nor written since it began: absence is proof
 * only for what the listing could have met (I2).
 */
export function* unseenRows(data: ScopeData, generation: number, stored: StoredRun): Generator<StoredRow> {
  const since = [...data.seen].filter(([seenIn]) => seenIn >= generation).map(([, seen]) => seen)
  for (const row of data.rows.values()) {
    if (row.staleSince !== undefined || syncedAt(data, row) >= stored.listingBeganAt) continue
    const { resourceId } = row
    if (!since.some(({ kept, held }) => kept.has(resourceId) || held.has(resourceId))) yield row
  }
}

/** Each key once: kept before quarantined before excluded. */
function exactStats(data: ScopeData, generation: number, running: SyncStats): SyncStats {
  const seen = data.seen.get(generation)
  const isKept = (externalId: string): boolean => {
    const row = data.rows.get(externalId)
    return row !== undefined && seen !== undefined && seen.kept.has(row.resourceId)
  }
  const ofGeneration = [...data.quarantine].filter((entry) => entry.generation === generation)
  const quarantined = ofGeneration.filter(
    ({ externalId }) => externalId === undefined || !isKept(externalId),
  ).length
  const excluded = [...(seen?.excluded ?? [])].filter(
    (externalId) => !isKept(externalId) && data.quarantineById.get(externalId)?.generation !== generation,
  ).length
  const { added, updated, restored } = running
  const unchanged = Math.max(0, (seen?.kept.size ?? 0) - added - updated - restored)
  return { ...running, unchanged, quarantined, excluded }
}

function dropEarlierQuarantine(data: ScopeData, generation: number): void {
  for (const entry of data.quarantine) {
    if (entry.generation >= generation) continue
    data.quarantine.delete(entry)
    if (entry.externalId !== undefined) data.quarantineById.delete(entry.externalId)
  }
}
