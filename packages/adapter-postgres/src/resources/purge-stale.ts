import type { ResourceStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { lockFenced } from '../scope-lock.ts'
import { interval } from '../values.ts'
import { recordSweep, type SweptRow, sweptColumns } from './record-sweep.ts'

/** Removes rows whose retention has ended by database time, one batch; the deleting statement itself checks it (I7). */
export const purgeStale =
  ({ database, tables }: StoreContext): ResourceStore['purgeStale'] =>
  ({ lease, retentionMs, limit }) =>
    database.write(async (session) => {
      const { scope } = await lockFenced(session, tables, lease)
      const ended = sql`scope_id = ${scope.scopeId}::int
        and stale_since < statement_timestamp() - ${interval(retentionMs)}`
      const rows = await session.run(sql<SweptRow>`delete from ${tables.rows}
        where id = any(array(
            select id from ${tables.rows} where ${ended} order by stale_since limit ${limit}::int
          )) and ${ended}
        returning ${sweptColumns}`)
      const left =
        rows.length < limit ? [] : await session.run(sql`select 1 from ${tables.rows} where ${ended} limit 1`)
      return recordSweep(session, tables, {
        scope,
        lease,
        kind: 'removed',
        rows,
        done: left.length === 0,
        progress: sql`removed = removed + ${rows.length}::int`,
      })
    })
