import { type RunOwner, type RunStore, SyncError } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { openOwnedScope } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { readRun, selectRuns, theOne } from './run-row.ts'

/** Makes a run that waits to begin, unless its scope has one or the id is taken. */
export const enqueueRun =
  ({ database, tables }: StoreContext): RunStore['enqueue'] =>
  (run) =>
    database.write(async (session) => {
      const scope = await openOwnedScope(session, tables, run)
      const same = await readRun(session, tables, { runId: run.runId })
      if (same) return { kind: 'busy', run: same }
      const [waiting] = await selectRuns(
        session,
        tables,
        sql`where ${theOne(tables, scope.scopeId, 'queued')}`,
      )
      if (waiting) return { kind: 'busy', run: waiting }
      const { stats } = run
      await session.run(sql`insert into ${tables.runs} (run_id, scope_id, tenant_id, mode, status, generation,
          generation_started_at, fencing_token, started_at, lease_expires_at, queued_at, requested, checkpoint,
          added, updated, unchanged, restored, staled, removed, excluded, quarantined,
          duration_ms, pages_processed, total_upstream_records, timings, complete)
        values (${run.runId}, ${scope.scopeId}::int, ${run.tenantId}, ${run.mode}, 'queued', 0,
          statement_timestamp(), 0, statement_timestamp(), statement_timestamp(), statement_timestamp(),
          ${writeDocument(run.requested)}::json, ${writeDocument(run.checkpoint)}::json,
          ${stats.added}::int, ${stats.updated}::int, ${stats.unchanged}::int, ${stats.restored}::int,
          ${stats.staled}::int, ${stats.removed}::int, ${stats.excluded}::int, ${stats.quarantined}::int,
          ${stats.durationMs}::float8, ${stats.pagesProcessed}::int, ${stats.totalUpstreamRecords}::bigint,
          ${writeDocument(run.timings)}::json, false)`)
      const queued = await readRun(session, tables, { runId: run.runId })
      if (!queued) throw new SyncError('STORE_FAILED', `Run ${run.runId} was not stored`)
      return { kind: 'queued', run: queued }
    })

/** Ends a run that waits to begin, if it does. */
export const endQueued = (
  tables: Tables,
  run: RunOwner & { readonly runId: string },
  ending: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  sql`update ${tables.runs} set finished_at = statement_timestamp(), ${ending}
    where run_id = ${run.runId} and status = 'queued' ${andOwnedBy(tables, run)} returning run_id`

/** Further condition of a statement on runs alone: whose they must be. */
export const andOwnedBy = (tables: Tables, { connectorId, tenantId }: RunOwner): RawBuilder<unknown> => {
  const ofTenant = tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`
  return connectorId === undefined
    ? ofTenant
    : sql`${ofTenant} and scope_id in (select s.id from ${tables.scopes} s where s.connector_id = ${connectorId})`
}
