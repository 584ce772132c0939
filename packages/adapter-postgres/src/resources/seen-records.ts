import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'

/** A generation of a scope. */
export interface Listing {
  readonly connectorId: string
  readonly resourceType: string
  readonly runId: string
  readonly generation: number
}

/**
 * Large anti-joins must be hashed. The planner knows neither how many ids the arrays of the seen log hold nor, on
 * fresh tables, how many rows there are, and then picks a nested loop that takes minutes where hashing takes
 * seconds. For the rest of the transaction, that way is closed and a million ids fit into memory.
 */
export async function planByHashing(session: Session): Promise<void> {
  await session.run(sql`select set_config('enable_nestloop', 'off', true),
    set_config('work_mem', greatest(65536, setting::int) || 'kB', true)
    from pg_settings where name = 'work_mem'`)
}

/**
 * Parts of a `with`: the listing's scope and beginning as `listing`; `seen`, one row per resource id met in this
 * generation or a later one, `kept` when this generation kept its record.
 */
export const seenRecords = (
  tables: Tables,
  listing: Listing,
): RawBuilder<unknown> => sql`listing as materialized (
    select s.id as scope_id, s.confirmed_at, r.generation_started_at as began_at
    from ${tables.scopes} s join ${tables.runs} r on r.scope_id = s.id
    where s.connector_id = ${listing.connectorId} and s.resource_type = ${listing.resourceType}
      and r.run_id = ${listing.runId}
  ), met as materialized (
    select unnest(p.resource_ids) as id, p.generation = ${listing.generation}::int as kept
    from ${tables.seenPages} p join listing l on l.scope_id = p.scope_id
    where p.generation >= ${listing.generation}::int
    union all
    select unnest(p.held_ids), false
    from ${tables.seenPages} p join listing l on l.scope_id = p.scope_id
    where p.generation >= ${listing.generation}::int
  ), seen as materialized (select id, bool_or(kept) as kept from met group by id)`

/** Whether a live row `r` was written before the listing `l` began: absence is proof for such rows only (I2). */
export const couldBeMissed = sql`r.stale_since is null
  and greatest(r.synced_at, l.confirmed_at) < l.began_at`
