import type { ResourceStore } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import { logChanges } from '../changes.ts'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, lockFenced, lockScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import { recordSweep, type SweptRow, sweptColumns, sweptResource } from './record-sweep.ts'

/** Removes rows whose retention has ended by database time, one batch. */
export const purgeStale =
  ({ database, tables }: StoreContext): ResourceStore['purgeStale'] =>
  ({ lease, retentionMs, limit }) =>
    database.write(async (session) => {
      const { scope } = await lockFenced(session, tables, lease)
      const { rows, done } = await purge(session, tables, { scope, retentionMs, limit })
      return recordSweep(session, tables, {
        scope,
        lease,
        kind: 'removed',
        rows,
        done,
        progress: sql`removed = removed + ${rows.length}::int`,
      })
    })

/** The same without a run to count it. */
export const purgeExpired =
  ({ database, tables }: StoreContext): ResourceStore['purgeExpired'] =>
  ({ scope: of, retentionMs, limit }) =>
    database.write(async (session) => {
      const scope = await lockScope(session, tables, of)
      if (!scope) return { count: 0, done: true }
      const { rows, done } = await purge(session, tables, { scope, retentionMs, limit })
      const groups = [{ kind: 'removed' as const, resources: rows.map(sweptResource) }]
      const logged = logChanges(tables, session.arrays, { scope, groups })
      if (logged) await session.run(sql`with ${logged} select 1`)
      return { count: rows.length, done }
    })

/** The deleting statement itself checks that the retention has ended (I7). */
async function purge(
  session: Session,
  tables: Tables,
  batch: { readonly scope: LockedScope; readonly retentionMs: number; readonly limit: number },
): Promise<{ readonly rows: readonly SweptRow[]; readonly done: boolean }> {
  const { scope, retentionMs, limit } = batch
  const ended = sql`scope_id = ${scope.scopeId}::int
    and stale_since < statement_timestamp() - ${interval(retentionMs)}`
  const rows = await session.run(sql<SweptRow>`delete from ${tables.rows}
    where id = any(array(
        select id from ${tables.rows} where ${ended} order by stale_since limit ${limit}::int
      )) and ${checked(ended)}
    returning ${sweptColumns}`)
  const left =
    rows.length < limit
      ? []
      : await session.run(sql`select 1 from ${tables.rows} where ${ended} order by stale_since limit 1`)
  return { rows, done: left.length === 0 }
}
