import type { RunFilter, RunOwner, RunQuery, RunStore } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { StoreContext } from '../context.ts'
import { runOfLease } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import { beginRun } from './begin-run.ts'
import { finishRun } from './finish-run.ts'
import { pruneRuns } from './prune-runs.ts'
import { andOwnedBy, endQueued, enqueueRun } from './queued-runs.ts'
import { newestOf, readRun, selectRunsFrom } from './run-row.ts'

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
        const run = await readRun(session, tables, lease)
        return { held: false, cancelRequested: run?.cancelRequested ?? false }
      }),
    enqueue: enqueueRun(context),
    prune: pruneRuns(context),
    refuse: ({ runId, error }) =>
      database.read(async (session) => {
        const ended = await session.run(
          endQueued(tables, { runId }, sql`status = 'error', error = ${writeDocument(error)}::json`),
        )
        return ended.length > 0
      }),
    requestCancel: (runId, owner: RunOwner = {}) =>
      database.read(async (session) => {
        const run = { ...owner, runId }
        const ended = await session.run(
          endQueued(tables, run, sql`status = 'cancelled', cancel_requested = true`),
        )
        if (ended.length > 0) return true
        const asked = await session.run(sql`update ${tables.runs} set cancel_requested = true
          where run_id = ${runId} and status = 'running' ${andOwnedBy(tables, run)} returning run_id`)
        return asked.length > 0
      }),
    get: (runId, owner) => database.read((session) => readRun(session, tables, { ...owner, runId })),
    list: (query) => database.read((session) => selectRunsFrom(session, newestFirst(tables, query))),
    count: (filter) =>
      database.read(async (session) => {
        const [row] = await session.run(sql<{ count: number }>`select count(*)::int as count
          from ${tables.runs} r join ${tables.scopes} s on s.id = r.scope_id
          where ${sql.join(conditionsOf(filter), sql` and `)}`)
        return row?.count ?? 0
      }),
    abandoned: (limit) =>
      database.read((session) =>
        // `offset 0`: along their numbers, all runs there ever were would be passed over.
        selectRunsFrom(
          session,
          sql`(select * from ${tables.runs} x
              where x.status = 'running' and x.lease_expires_at <= statement_timestamp() offset 0) r
            join ${tables.scopes} s on s.id = r.scope_id order by r.ordinal limit ${limit}::int`,
        ),
      ),
  }
}

function conditionsOf({ connectorId, tenantId, resourceType, status }: RunFilter): RawBuilder<unknown>[] {
  const conditions = [sql`true`]
  if (connectorId !== undefined) conditions.push(sql`s.connector_id = ${connectorId}`)
  if (tenantId !== undefined) conditions.push(sql`r.tenant_id = ${tenantId}`)
  if (resourceType !== undefined) conditions.push(sql`s.resource_type = ${resourceType}`)
  if (status !== undefined) conditions.push(sql`r.status = ${status}`)
  return conditions
}

/** Runs `r` and their scopes `s`: each scope of a connector gives its own newest runs; they are few, and merged. */
function newestFirst(tables: Tables, query: RunQuery): RawBuilder<unknown> {
  const { before, connectorId, status, limit, offset = 0 } = query
  const conditions = conditionsOf(query)
  const end = sql`order by r.ordinal desc limit ${limit}::int offset ${offset}::int`
  const ordinal =
    before === undefined
      ? undefined
      : sql`(select ordinal from ${tables.runs} where run_id = ${before} ${andOwnedBy(tables, query)})`
  if (connectorId === undefined) {
    if (ordinal) conditions.push(sql`r.ordinal < ${ordinal}`)
    return sql`${tables.runs} r join ${tables.scopes} s on s.id = r.scope_id
      where ${sql.join(conditions, sql` and `)} ${end}`
  }
  const ofStatus = status === undefined ? sql`` : sql`${checked(sql`r.status = ${status}`)} and`
  return sql`${tables.scopes} s cross join lateral (select * from ${tables.runs} r
      where ${ofStatus} ${newestOf(sql`s.id`, ordinal)} limit ${limit + offset}::int) r
    where ${sql.join(conditions, sql` and `)} ${end}`
}
