import type { GenerationScope, ResourceStore, SweepBatch } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { leaseLost, lockFenced, runOfLease } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { couldBeMissed, passOverScope, readListing, unmetRows } from './listing.ts'
import { recordSweep, type SweptRow, sweptColumns } from './record-sweep.ts'
import { readSeen } from './seen-ordinals.ts'

type StaleBatch = Parameters<ResourceStore['markStale']>[0]

/**
 * Marks unseen rows stale, batch by batch. Which rows those are was noted when the listing was closed; very
 * many are worked out now, once per run, without holding the scope. Each batch takes the next ones from that list and looks again whether they still may go.
 */
export const markStale =
  ({ database, tables }: StoreContext): ResourceStore['markStale'] =>
  async (request) => {
    const batch = (): Promise<SweepBatch | undefined> =>
      database.write((session) => markBatch(session, tables, request))
    const first = await batch()
    if (first) return first
    await database.write((session) => listCandidates(session, tables, request))
    const second = await batch()
    if (second) return second
    throw leaseLost(request.lease)
  }

/** Notes every row the sweep may mark. @throws LEASE_LOST */
async function listCandidates(session: Session, tables: Tables, request: GenerationScope): Promise<void> {
  const { lease } = request
  const listing = await readListing(session, tables, request)
  const { met } = await readSeen(session, tables, listing)
  const { from, unmet } = unmetRows(session, tables, { listing, met })
  await passOverScope(
    session,
    sql`insert into ${tables.sweepCandidates} (scope_id, fencing_token, resource_id)
      select r.scope_id, ${lease.fencingToken}::bigint, r.id
      from ${from} where r.scope_id = ${listing.scopeId}::int and ${unmet}
      on conflict do nothing`,
  )
  const ready = await session.run(
    sql`update ${tables.runs} set sweep_ready = true where ${runOfLease(lease)} returning run_id`,
  )
  if (ready.length === 0) throw leaseLost(lease)
}

/** Undefined when the candidates have not been listed yet. @throws LEASE_LOST */
async function markBatch(
  session: Session,
  tables: Tables,
  { lease, limit, checkpoint }: StaleBatch,
): Promise<SweepBatch | undefined> {
  const { scope, run } = await lockFenced(session, tables, lease)
  const scopeId = sql`${scope.scopeId}::int`
  const [sweep] = await session.run(sql<{ ready: boolean; after: string | null }>`select
    sweep_ready as ready, sweep_after::text as after from ${tables.runs} where run_id = ${run.runId}`)
  if (!sweep?.ready) return undefined
  const mine = sql`c.scope_id = ${scopeId} and c.fencing_token = ${lease.fencingToken}::bigint`
  const after = sweep.after ?? '00000000-0000-0000-0000-000000000000'
  const candidates = await session.run(sql<{ id: string }>`select c.resource_id::text as id
    from ${tables.sweepCandidates} c where ${mine} and c.resource_id > ${after}::uuid
    order by c.resource_id limit ${limit + 1}::int`)
  const batch = candidates.slice(0, limit).map(({ id }) => id)
  // The conditions again, by the statement that marks: a webhook may have come in between.
  const rows =
    batch.length === 0
      ? []
      : await session.run(sql<SweptRow>`update ${tables.rows} r
          set stale_since = statement_timestamp(), synced_at = greatest(r.synced_at, l.confirmed_at)
          from (select s.confirmed_at, u.generation_started_at as began_at from ${tables.scopes} s
            join ${tables.runs} u on u.scope_id = s.id
            where s.id = ${scopeId} and u.run_id = ${run.runId}) l
          where r.id = any(${`{${batch.join(',')}}`}::uuid[]) and ${checked(sql`r.scope_id = ${scopeId} and ${couldBeMissed}`)}
          returning ${sweptColumns}`)
  return recordSweep(session, tables, {
    scope,
    lease,
    kind: 'staled',
    rows,
    done: candidates.length <= limit,
    progress: sql`staled = staled + ${rows.length}::int, checkpoint = ${writeDocument(checkpoint)}::json,
      sweep_after = ${batch.at(-1) ?? sweep.after}::uuid`,
  })
}
