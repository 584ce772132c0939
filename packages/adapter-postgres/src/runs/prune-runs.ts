import type { RunStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { interval } from '../values.ts'

/** Removes runs that ended long ago and that no later one goes on from. Whoever comes at the same time takes others. */
export const pruneRuns =
  ({ database, tables }: StoreContext): RunStore['prune'] =>
  ({ olderThanMs, limit }) =>
    database.read(async (session) => {
      const removed = await session.run(sql`delete from ${tables.runs} where run_id in (
          select r.run_id from ${tables.runs} r
          join ${tables.scopes} s on s.id = r.scope_id
          where r.finished_at < statement_timestamp() - ${interval(olderThanMs)}
            and (r.fencing_token = 0 or (r.generation <> s.generation and r.generation <> coalesce(
              (select f.generation from ${tables.runs} f where f.scope_id = r.scope_id and f.mode = 'full'
                and f.fencing_token > 0 order by f.ordinal desc limit 1), 0)))
          order by r.ordinal limit ${limit}::int for update of r skip locked
        ) returning run_id`)
      return removed.length
    })
