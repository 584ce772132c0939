import type { ListingSummary, ResourceStore, SyncStats } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { lockFenced } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { couldBeMissed, type Listing, metRecords, planByHashing, readListing } from './seen-records.ts'

/**
 * Makes the counters exact and counts what a sweep would mark. Counting a million rows takes seconds, so it is done
 * before the scope is locked: nobody but this run can add to what the listing saw, and direct writes in between
 * are looked at again when rows are marked.
 */
export const closeListing =
  ({ database, tables }: StoreContext): ResourceStore['closeListing'] =>
  ({ lease, generation, full }) =>
    database.write(async (session) => {
      const listing = await readListing(session, tables, { lease, generation })
      await planByHashing(session)
      const counts = await countSeen(session, tables, listing)
      const leftOut = await countLeftOut(session, tables, listing)
      const { scope, run } = await lockFenced(session, tables, lease)
      if (full) {
        await session.run(sql`delete from ${tables.quarantine}
          where scope_id = ${scope.scopeId}::int and generation < ${generation}::int`)
      }
      const { added, updated, restored } = run.stats
      const unchanged = Math.max(0, counts.kept - added - updated - restored)
      const stats: SyncStats = { ...run.stats, ...leftOut, unchanged }
      await session.run(sql`update ${tables.runs} set unchanged = ${stats.unchanged}::int,
        excluded = ${stats.excluded}::int, quarantined = ${stats.quarantined}::int,
        sweep_ready = sweep_ready or ${counts.unseen === 0}
        where run_id = ${lease.runId}`)
      return { stats, live: counts.live, unseen: counts.unseen }
    })

interface SeenCounts extends Pick<ListingSummary, 'live' | 'unseen'> {
  /** Distinct resources this generation kept. */
  readonly kept: number
}

/** A full join cannot be planned as a nested loop, and passes over the rows once. */
async function countSeen(session: Session, tables: Tables, listing: Listing): Promise<SeenCounts> {
  const [counts] = await session.run(sql<SeenCounts>`with ${metRecords(tables, listing)}
    select count(*) filter (where s.kept)::int as kept, count(*) filter (where r.id is not null)::int as live,
      count(*) filter (where s.id is null and r.missable)::int as unseen
    from (
      select r.id, ${couldBeMissed} as missable from ${tables.rows} r cross join listing l
      where r.scope_id = ${listing.scopeId}::int and r.stale_since is null
    ) r full join (select id, bool_or(kept) as kept from met group by id) s on s.id = r.id`)
  return counts ?? { kept: 0, live: 0, unseen: 0 }
}

/** Each key once: kept before quarantined before excluded. */
async function countLeftOut(
  session: Session,
  tables: Tables,
  listing: Listing,
): Promise<Pick<SyncStats, 'excluded' | 'quarantined'>> {
  const { scopeId, runId, generation } = listing
  const [run] = await session.run(sql<
    Pick<SyncStats, 'excluded' | 'quarantined'>
  >`select excluded, quarantined
    from ${tables.runs} where run_id = ${runId}`)
  // Most listings leave nothing out.
  if (!run || run.excluded + run.quarantined === 0) return { excluded: 0, quarantined: 0 }
  const [counts] = await session.run(sql<Pick<SyncStats, 'excluded' | 'quarantined'>>`
    with ${metRecords(tables, listing)}, kept as materialized (
      select r.external_id from ${tables.rows} r
      where r.scope_id = ${scopeId}::int and exists (select 1 from met m where m.id = r.id and m.kept)
    ), bad as materialized (
      select q.external_id from ${tables.quarantine} q
      where q.scope_id = ${scopeId}::int and q.generation = ${generation}::int
    ), filtered as materialized (
      select distinct unnest(p.excluded) collate "C" as external_id from ${tables.seenPages} p
      where p.scope_id = ${scopeId}::int and p.generation = ${generation}::int
    )
    select
      (select count(*) from bad b where b.external_id is null
        or not exists (select 1 from kept k where k.external_id = b.external_id))::int as quarantined,
      (select count(*) from filtered f
        where not exists (select 1 from kept k where k.external_id = f.external_id)
          and not exists (select 1 from bad b where b.external_id = f.external_id))::int as excluded`)
  return counts ?? run
}
