import type { GenerationScope } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import { leaseLost, runOfLease } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'

/** A generation, and the run that closes it. */
export interface Listing {
  readonly scopeId: number
  readonly runId: string
  readonly generation: number
  /** Numbers of rows are below this. */
  readonly ordinals: number
}

/** The listing of a lease, without locking anything. @throws LEASE_LOST */
export async function readListing(
  session: Session,
  tables: Tables,
  { lease, generation }: GenerationScope,
): Promise<Listing> {
  const [run] = await session.run(sql<Pick<Listing, 'scopeId' | 'ordinals'>>`
    select s.id as "scopeId", s.next_ordinal as ordinals from ${tables.scopes} s
    where s.id = (select scope_id from ${tables.runs} where ${runOfLease(lease)})`)
  if (run) return { ...run, runId: lease.runId, generation }
  throw leaseLost(lease)
}

const planning = (whole: boolean): RawBuilder<never> =>
  sql<never>`select set_config('enable_bitmapscan', ${sql.lit(whole ? 'on' : 'off')}, true),
    set_config('enable_indexscan', ${sql.lit(whole ? 'off' : 'on')}, true)`

/**
 * Runs a statement that reads a whole scope: its rows in the order in which they are stored, which is several times as
 * fast as in the order of their keys, and no rows of other scopes.
 */
export async function passOverScope<Row>(
  session: Session,
  statement: RawBuilder<Row>,
): Promise<readonly Row[]> {
  await session.alongIndexes()
  const [, rows = []] = await session.runTogether<Row>([planning(true), statement, planning(false)])
  return rows
}

/**
 * Rows that were live when a listing began and that it did not meet: `from` and `where` of a statement over rows
 * `r`. Whether a row was met is a look at one bit, so that there is nothing to plan: one pass over the scope,
 * whatever the statistics say.
 */
export function unmetRows(
  session: Session,
  tables: Tables,
  { listing, met }: { readonly listing: Listing; readonly met: Uint8Array },
): { readonly from: RawBuilder<unknown>; readonly unmet: RawBuilder<unknown> } {
  const { scopeId, runId, ordinals } = listing
  // Materialized, or they would be read again for each row.
  const from = sql`${tables.rows} r cross join (
      with once as materialized (select
        (select s.confirmed_at from ${tables.scopes} s where s.id = ${scopeId}::int) as confirmed_at,
        (select u.generation_started_at from ${tables.runs} u where u.run_id = ${runId}) as began_at,
        ${session.arrays.bytes(met)} as met)
      select * from once
    ) l`
  // A row with a later number was written since the listing began.
  const unmet = sql`(${couldBeMissed}
    and case when r.ordinal < ${ordinals}::int then get_bit(l.met, r.ordinal) = 0 else false end)`
  return { from, unmet }
}

/** Whether a live row `r` was written before the listing `l` began: absence is proof for such rows only (I2). */
export const couldBeMissed: RawBuilder<unknown> = sql`r.stale_since is null
  and greatest(r.synced_at, l.confirmed_at) < l.began_at`
