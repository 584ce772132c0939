import type { FinishRun, Run, RunStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { type LockedScope, leaseLost, lockScope } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { readRun } from './run-row.ts'

/** Ends a run with everything its end implies, in one transaction. */
export const finishRun =
  ({ database, tables }: StoreContext): RunStore['finish'] =>
  (request) =>
    database.write(async (session) => {
      const { lease, status } = request
      const scope = await lockScope(session, tables, lease)
      const run = await readRun(session, tables, lease)
      if (!scope || run?.fencingToken !== lease.fencingToken) throw leaseLost(lease)
      if (run.status === status) return run
      if (run.status !== 'running') throw leaseLost(lease)
      await endRun(session, tables, request)
      const ended = await readRun(session, tables, lease)
      if (!ended) throw leaseLost(lease)
      await showInConfig(session, tables, { request, ended })
      if (request.confirmsScope) await confirmScope(session, tables, { scope, ended })
      await forget(session, tables, { scope, ended, seen: request.forgetSeen })
      return ended
    })

async function endRun(session: Session, tables: Tables, request: FinishRun): Promise<void> {
  await session.run(sql`update ${tables.runs} set status = ${request.status},
    finished_at = statement_timestamp(), checkpoint = ${writeDocument(request.checkpoint)}::json,
    timings = ${writeDocument(request.timings)}::json, duration_ms = ${request.durationMs}::float8,
    resumable = ${request.resumable}, complete = ${request.complete},
    error = ${writeDocument(request.error)}::json, guard = ${writeDocument(request.guard)}::json
    where run_id = ${request.lease.runId}`)
}

/** What the settings show of the last run: a run that stopped on purpose and will go on is no error. */
const shownStatus: Record<FinishRun['status'], 'success' | 'error'> = {
  success: 'success',
  partial: 'success',
  guarded: 'error',
  error: 'error',
  cancelled: 'error',
  timeout: 'error',
}

async function showInConfig(
  session: Session,
  tables: Tables,
  { request, ended }: { readonly request: FinishRun; readonly ended: Run },
): Promise<void> {
  const { checkpoint, status, watermark } = request
  await session.run(sql`update ${tables.configs} set
    watermark = coalesce(${watermark ?? null}, watermark),
    last_sync_at = statement_timestamp(), last_sync_status = ${shownStatus[status]},
    last_sync_cursor = ${storable(request.resumable ? checkpoint.cursor : undefined)},
    last_sync_error = ${storable(request.error?.message)},
    last_sync_stats = ${writeDocument(ended.stats)}::jsonb
    where connector_id = ${ended.connectorId} and resource_type = ${ended.resourceType}`)
}

/** Upstream's words may hold what a text column refuses. */
const storable = (text: string | undefined): string | null =>
  text?.replaceAll('\u0000', '\uFFFD').toWellFormed() ?? null

async function confirmScope(
  session: Session,
  tables: Tables,
  { scope, ended }: { readonly scope: LockedScope; readonly ended: Run },
): Promise<void> {
  await session.run(sql`update ${tables.scopes} s
    set confirmed_at = greatest(s.confirmed_at, r.generation_started_at)
    from ${tables.runs} r where s.id = ${scope.scopeId}::int and r.run_id = ${ended.runId}`)
}

async function forget(
  session: Session,
  tables: Tables,
  { scope, ended, seen }: { readonly scope: LockedScope; readonly ended: Run; readonly seen: boolean },
): Promise<void> {
  await session.run(sql`delete from ${tables.sweepCandidates} where scope_id = ${scope.scopeId}::int`)
  if (!seen) return
  await session.run(sql`delete from ${tables.seenPages}
    where scope_id = ${scope.scopeId}::int and generation <= ${ended.generation}::int`)
}
