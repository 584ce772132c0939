import type { Lease, ListingSummary, ResourceStore, SyncStats } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { lockFenced } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { type Listing, passOverScope, readListing, unmetRows } from './listing.ts'
import { readSeen, type SeenOrdinals } from './seen-ordinals.ts'

/**
 * Makes the counters exact and counts what a sweep would mark. Passing over a large scope takes a while, so it is
 * done before the scope is locked: nobody but this run can add to what the listing saw, and direct writes in
 * between are looked at again when rows are marked.
 */
export const closeListing =
  ({ database, tables, sizes }: StoreContext): ResourceStore['closeListing'] =>
  ({ lease, generation, full }) =>
    database.write(async (session) => {
      const { unseenRowsNoted } = sizes
      const listing = await readListing(session, tables, { lease, generation })
      const seen = await readSeen(session, tables, listing)
      const { live, unseen } = await countRows(session, tables, { listing, seen, lease, unseenRowsNoted })
      const leftOut = await countLeftOut(session, tables, { listing, seen })
      const { scope, run } = await lockFenced(session, tables, lease)
      if (full) {
        await session.run(sql`delete from ${tables.quarantine}
          where scope_id + 0 = ${scope.scopeId}::int and ${checked(sql`generation < ${generation}::int`)}`)
      }
      const { added, updated, restored } = run.stats
      const unchanged = Math.max(0, seen.keptCount - added - updated - restored)
      const stats: SyncStats = { ...run.stats, ...leftOut, unchanged }
      await session.run(sql`update ${tables.runs} set unchanged = ${stats.unchanged}::int,
        excluded = ${stats.excluded}::int, quarantined = ${stats.quarantined}::int,
        sweep_ready = sweep_ready or ${unseen <= unseenRowsNoted}
        where run_id = ${lease.runId}`)
      return { stats, live, unseen }
    })

type RowCounts = Pick<ListingSummary, 'live' | 'unseen'>

async function countRows(
  session: Session,
  tables: Tables,
  {
    listing,
    seen,
    lease,
    unseenRowsNoted,
  }: {
    readonly listing: Listing
    readonly seen: SeenOrdinals
    readonly lease: Lease
    readonly unseenRowsNoted: number
  },
): Promise<RowCounts> {
  const { scopeId, ordinals } = listing
  const live = sql`s.live_rows as live from ${tables.scopes} s where s.id = ${scopeId}::int`
  if (seen.metCount === ordinals) {
    // Every row there could be was met: there is nothing to look for.
    const [counts] = await session.run(sql<RowCounts>`select 0 as unseen, ${live}`)
    return counts ?? { live: 0, unseen: 0 }
  }
  const { from, unmet } = unmetRows(session, tables, { listing, met: seen.met })
  const [counts] = await passOverScope(
    session,
    sql<RowCounts>`with missed as materialized (
      select r.id from ${from} where r.scope_id = ${scopeId}::int and ${unmet}
    ), noted as (
      insert into ${tables.sweepCandidates} (scope_id, fencing_token, resource_id)
      select ${scopeId}::int, ${lease.fencingToken}::bigint, id from missed
      where (select count(*) from missed) <= ${unseenRowsNoted}::int
      on conflict do nothing
    )
    select (select count(*)::int from missed) as unseen, ${live}`,
  )
  return counts ?? { live: 0, unseen: 0 }
}

type LeftOut = Pick<SyncStats, 'excluded' | 'quarantined'>

/** Each key once: kept before quarantined before excluded. */
async function countLeftOut(
  session: Session,
  tables: Tables,
  { listing, seen }: { readonly listing: Listing; readonly seen: SeenOrdinals },
): Promise<LeftOut> {
  const { scopeId, runId, generation } = listing
  const [run] = await session.run(sql<LeftOut>`select excluded, quarantined
    from ${tables.runs} where run_id = ${runId}`)
  // Most listings leave nothing out.
  if (!run || run.excluded + run.quarantined === 0) return { excluded: 0, quarantined: 0 }
  // Set operations and look-ups of one key each: no join whose way depends on how many rows are expected.
  const [counts] = await session.run(sql<LeftOut>`
    with k as materialized (select ${session.arrays.bytes(seen.kept)} as kept),
    bad as materialized (
      select q.external_id from ${tables.quarantine} q
      where q.scope_id + 0 = ${scopeId}::int and ${checked(sql`q.generation = ${generation}::int`)}
    ), filtered as materialized (
      select unnest(p.excluded) collate "C" as external_id from ${tables.seenPages} p
      where p.scope_id = ${scopeId}::int and p.generation = ${generation}::int
      except select b.external_id from bad b
    ), named as (
      select b.external_id, true as bad from bad b where b.external_id is not null
      union all select f.external_id, false from filtered f
    )
    select
      (count(*) filter (where n.bad) + (select count(*) from bad b where b.external_id is null))::int as quarantined,
      (count(*) filter (where not n.bad))::int as excluded
    from named n cross join k left join lateral (
      select x.ordinal from ${tables.rows} x
      where x.scope_id = ${scopeId}::int and x.external_id = n.external_id limit 1
    ) r on true
    where case when r.ordinal < ${listing.ordinals}::int then get_bit(k.kept, r.ordinal) = 0 else true end`)
  return counts ?? run
}
