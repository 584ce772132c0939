import type { RunQuery, RunStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { runOfLease } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import { beginRun } from './begin-run.ts'
import { finishRun } from './finish-run.ts'
import { readRun, selectRuns } from './run-row.ts'

/** Run history, leases and checkpoints, by database time. */
export function runStore(context: StoreContext): RunStore {
  const { database, tables } = context
  return {
    begin: beginRun(context),
    finish: finishRun(context),
    renew: (lease) =>
      database.read(async (session) => {
        const [held] = await session.run(
          sql<{ cancelRequested: boolean }>`update ${tables.runs}
            set lease_expires_at = clock_timestamp() + ${interval(lease.leaseMs)}
            where ${runOfLease(lease)} returning cancel_requested as "cancelRequested"`,
        )
        if (held) return { held: true, cancelRequested: held.cancelRequested }
        const run = await readRun(session, tables, lease.runId)
        return { held: false, cancelRequested: run?.cancelRequested ?? false }
      }),
    requestCancel: (runId) =>
      database.read(async (session) => {
        const asked = await session.run(sql`update ${tables.runs} set cancel_requested = true
          where run_id = ${runId} and status = 'running' returning run_id`)
        return asked.length > 0
      }),
    get: (runId) => database.read((session) => readRun(session, tables, runId)),
    list: (query) => database.read((session) => selectRuns(session, tables, newestFirst(tables, query))),
    abandoned: (limit) =>
      database.read((session) =>
        selectRuns(
          session,
          tables,
          sql`where r.status = 'running' and r.lease_expires_at <= statement_timestamp()
            order by r.ordinal limit ${limit}::int`,
        ),
      ),
  }
}

function newestFirst(tables: Tables, query: RunQuery): RawBuilder<unknown> {
  const conditions = [sql`true`]
  if (query.connectorId !== undefined) conditions.push(sql`s.connector_id = ${query.connectorId}`)
  if (query.resourceType !== undefined) conditions.push(sql`s.resource_type = ${query.resourceType}`)
  if (query.status !== undefined) conditions.push(sql`r.status = ${query.status}`)
  if (query.before !== undefined) {
    conditions.push(
      sql`r.ordinal < (select b.ordinal from ${tables.runs} b where b.run_id = ${query.before})`,
    )
  }
  return sql`where ${sql.join(conditions, sql` and `)} order by r.ordinal desc limit ${query.limit}::int`
}
