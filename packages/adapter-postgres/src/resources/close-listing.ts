import type { ListingSummary, ResourceStore, SyncStats } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { readRun } from '../runs/run-row.ts'
import { leaseLost, lockFenced } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { couldBeMissed, type Listing, planByHashing, seenRecords } from './seen-records.ts'

/**
 * Makes the counters exact and counts what a sweep would mark. Counting a million rows takes seconds, so it is done
 * before the scope is locked: nobody but this run can add to what the listing saw, and direct writes in between
 * are looked at again when rows are marked.
 */
export const closeListing =
  ({ database, tables }: StoreContext): ResourceStore['closeListing'] =>
  ({ lease, generation, full }) =>
    database.write(async (session) => {
      const before = await readRun(session, tables, lease.runId)
      if (before?.status !== 'running') throw leaseLost(lease)
      const { connectorId, resourceType, runId } = lease
      const listing: Listing = { connectorId, resourceType, runId, generation }
      await planByHashing(session)
      const counts = await countSeen(session, tables, listing)
      const exact = await countLeftOut(session, tables, { listing, stats: before.stats })
      const { scope, run } = await lockFenced(session, tables, lease)
      if (full) {
        await session.run(sql`delete from ${tables.quarantine}
          where scope_id = ${scope.scopeId}::int and generation < ${generation}::int`)
      }
      const { added, updated, restored } = run.stats
      const unchanged = Math.max(0, counts.kept - added - updated - restored)
      const stats: SyncStats = { ...run.stats, ...exact, unchanged }
      await session.run(sql`update ${tables.runs} set unchanged = ${stats.unchanged}::int,
        excluded = ${stats.excluded}::int, quarantined = ${stats.quarantined}::int,
        sweep_ready = sweep_ready or ${counts.unseen === 0}
        where run_id = ${runId}`)
      return { stats, live: counts.live, unseen: counts.unseen }
    })

interface SeenCounts extends Pick<ListingSummary, 'live' | 'unseen'> {
  /** Distinct resources this generation kept. */
  readonly kept: number
}

async function countSeen(session: Session, tables: Tables, listing: Listing): Promise<SeenCounts> {
  const [counts] = await session.run(sql<SeenCounts>`with ${seenRecords(tables, listing)}
    select (select count(*) from seen where kept)::int as kept, count(*)::int as live,
      count(*) filter (where s.id is null and ${couldBeMissed})::int as unseen
    from ${tables.rows} r join listing l on l.scope_id = r.scope_id left join seen s on s.id = r.id
    where r.stale_since is null`)
  return counts ?? { kept: 0, live: 0, unseen: 0 }
}

/** Each key once: kept before quarantined before excluded. Most listings leave nothing out. */
async function countLeftOut(
  session: Session,
  tables: Tables,
  { listing, stats }: { readonly listing: Listing; readonly stats: SyncStats },
): Promise<Pick<SyncStats, 'excluded' | 'quarantined'>> {
  if (stats.excluded === 0 && stats.quarantined === 0) return { excluded: 0, quarantined: 0 }
  const { generation } = listing
  const [counts] = await session.run(sql<{ excluded: number; quarantined: number }>`
    with ${seenRecords(tables, listing)}, kept as materialized (
      select r.external_id from ${tables.rows} r join seen s on s.id = r.id where s.kept
    ), bad as materialized (
      select q.external_id from ${tables.quarantine} q join listing l on l.scope_id = q.scope_id
      where q.generation = ${generation}::int
    ), filtered as materialized (
      select distinct unnest(p.excluded) collate "C" as external_id
      from ${tables.seenPages} p join listing l on l.scope_id = p.scope_id
      where p.generation = ${generation}::int
    )
    select
      (select count(*) from bad b where b.external_id is null
        or not exists (select 1 from kept k where k.external_id = b.external_id))::int as quarantined,
      (select count(*) from filtered f
        where not exists (select 1 from kept k where k.external_id = f.external_id)
          and not exists (select 1 from bad b where b.external_id = f.external_id))::int as excluded`)
  return counts ?? { excluded: stats.excluded, quarantined: stats.quarantined }
}
