import type { RunStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { interval } from '../values.ts'
import { newestOf } from './run-row.ts'

/** Removes runs that ended long ago and that no later one goes on from. Whoever comes at the same time takes others. */
export const pruneRuns =
  ({ database, tables }: StoreContext): RunStore['prune'] =>
  ({ olderThanMs, limit }) =>
    database.read(async (session) => {
      const removed = await session.run(sql`delete from ${tables.runs} where run_id = any(array(
          select o.run_id from ${tables.runs} o
          where o.finished_at < statement_timestamp() - ${interval(olderThanMs)} and (o.fencing_token = 0
            or o.generation <> (select s.generation from ${tables.scopes} s where s.id = o.scope_id)
              and o.generation <> coalesce((select r.generation from ${tables.runs} r
                where r.mode = 'full' and r.fencing_token > 0 and ${newestOf(sql`o.scope_id`)} limit 1), 0))
          order by o.ordinal limit ${limit}::int for update skip locked
        )) returning run_id`)
      return removed.length
    })
