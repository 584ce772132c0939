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
}

/** The listing of a lease, without locking anything. @throws LEASE_LOST */
export async function readListing(
  session: Session,
  tables: Tables,
  { lease, generation }: GenerationScope,
): Promise<Listing> {
  const [run] = await session.run(sql<{ scopeId: number }>`select scope_id as "scopeId" from ${tables.runs}
    where ${runOfLease(lease)}`)
  if (run) return { scopeId: run.scopeId, runId: lease.runId, generation }
  throw leaseLost(lease)
}

/**
 * Large anti-joins must be hashed. The planner knows neither how many ids the arrays of the seen log hold nor, on
 * fresh tables, how many rows there are, and then picks a nested loop that takes minutes where hashing takes
 * seconds. For the rest of the transaction, that way is closed and a million ids fit into memory.
 */
export async function planByHashing(session: Session): Promise<void> {
  // A closed way counts as a huge cost, which alone would make the server compile the statement for 400 ms.
  await session.run(sql`select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true),
    set_config('work_mem', greatest(65536, setting::int) || 'kB', true)
    from pg_settings where name = 'work_mem'`)
}

/**
 * Parts of a `with`: the beginning of the listing as `listing`; `met`, every resource id this generation or a later
 * one saw, as often as it did, and whether this generation `kept` its record.
 */
export function metRecords(tables: Tables, { scopeId, runId, generation }: Listing): RawBuilder<unknown> {
  const pages = sql`${tables.seenPages} p
    where p.scope_id = ${scopeId}::int and p.generation >= ${generation}::int`
  return sql`listing as materialized (
      select s.confirmed_at, r.generation_started_at as began_at
      from ${tables.scopes} s join ${tables.runs} r on r.scope_id = s.id
      where s.id = ${scopeId}::int and r.run_id = ${runId}
    ), met as not materialized (
      select unnest(p.resource_ids) as id, p.generation = ${generation}::int as kept from ${pages}
      union all
      select unnest(p.held_ids), false from ${pages}
    )`
}

/** Whether a live row `r` was written before the listing `l` began: absence is proof for such rows only (I2). */
export const couldBeMissed = sql`r.stale_since is null
  and greatest(r.synced_at, l.confirmed_at) < l.began_at`
