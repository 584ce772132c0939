import { type NewRun, type Run, type SchedulePlan, SyncError } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import { planValues } from '../schedules.ts'
import type { LockedScope } from '../scope-lock.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { instant, interval, msOf } from '../values.ts'
import { newestOf, readRun } from './run-row.ts'

interface RunStart {
  readonly scope: LockedScope
  readonly tenantId: string
  readonly run: NewRun
  /** When the scope is due next, where the run was due. */
  readonly plan?: SchedulePlan | undefined
}

/** Ends a run whose process died. Its successor goes on from it, or nobody does. */
export async function abandonRun(
  session: Session,
  tables: Tables,
  { abandoned, successor }: { readonly abandoned: Run; readonly successor: NewRun },
): Promise<void> {
  const error = {
    code: 'RUN_ABANDONED',
    message: `The process of run ${abandoned.runId} stopped renewing its lease`,
  }
  await session.run(sql`update ${tables.runs} set status = 'error', finished_at = statement_timestamp(),
    resumable = ${successor.resumedFrom === abandoned.runId}, error = ${writeDocument(error)}::json
    where run_id = ${abandoned.runId}`)
}

/** Makes a run the running one of its scope. */
export async function insertRun(session: Session, tables: Tables, start: RunStart): Promise<Run> {
  const { scope, run, plan } = start
  const { scopeId } = scope
  const fencingToken = scope.fencingToken + 1
  await session.run(sql`update ${tables.scopes} set
    generation = greatest(generation, ${run.generation}::int), fencing_token = ${fencingToken}::bigint,
    hash_epoch = hash_epoch + case when hash_recipe is distinct from ${run.hashRecipe} then 1 else 0 end,
    hash_recipe = ${run.hashRecipe}
    where id = ${scopeId}::int`)
  if (run.approves) {
    await session.run(sql`update ${tables.runs}
      set approved_by = ${run.approves.by}, approved_at = statement_timestamp()
      where run_id = ${run.approves.runId} and ${checked(sql`scope_id = ${scopeId}::int`)}`)
  }
  // A queued run begins as a new row: the newest of all.
  const [queued] = await session.run(
    sql<QueuedRow>`delete from ${tables.runs} where run_id = ${run.runId}
      and ${checked(sql`status = 'queued' and scope_id = ${scopeId}::int`)}
      returning ${msOf('queued_at')} as "queuedMs", requested::text as requested`,
  )
  await session.run(insertion(tables, start, { fencingToken, queued }))
  await session.run(sql`delete from ${tables.seenPages}
    where scope_id = ${scopeId}::int and generation < ${run.forgetSeenBefore}::int`)
  await session.run(sql`delete from ${tables.sweepCandidates} where scope_id = ${scopeId}::int`)
  await session.run(sql`update ${tables.configs} set last_sync_status = 'running'
    ${plan ? sql`, ${planValues(plan)}` : sql``}
    where connector_id = ${scope.connectorId} and resource_type = ${scope.resourceType}`)
  const stored = await readRun(session, tables, { runId: run.runId })
  if (stored) return stored
  throw new SyncError('STORE_FAILED', `Run ${run.runId} was not stored`)
}

interface QueuedRow {
  readonly queuedMs: number
  readonly requested: string | null
}

function insertion(
  tables: Tables,
  { scope, tenantId, run }: RunStart,
  { fencingToken, queued }: { readonly fencingToken: number; readonly queued: QueuedRow | undefined },
) {
  const { stats } = run
  return sql`insert into ${tables.runs} (run_id, scope_id, tenant_id, mode, status, generation,
      generation_started_at, fencing_token, started_at, lease_expires_at, checkpoint,
      added, updated, unchanged, restored, staled, removed, excluded, quarantined,
      duration_ms, pages_processed, total_upstream_records, timings, total_estimate,
      complete, resumed_from, approves, queued_at, requested)
    values (${run.runId}, ${scope.scopeId}::int, ${tenantId}, ${run.mode}, 'running', ${run.generation}::int,
      ${generationStart(tables, scope, run)}, ${fencingToken}::bigint, statement_timestamp(),
      statement_timestamp() + ${interval(run.leaseMs)}, ${writeDocument(run.checkpoint)}::json,
      ${stats.added}::int, ${stats.updated}::int, ${stats.unchanged}::int, ${stats.restored}::int,
      ${stats.staled}::int, ${stats.removed}::int, ${stats.excluded}::int, ${stats.quarantined}::int,
      ${stats.durationMs}::float8, ${stats.pagesProcessed}::int, ${stats.totalUpstreamRecords}::bigint,
      ${writeDocument(run.timings)}::json, ${run.totalEstimate ?? null}::float8,
      false, ${run.resumedFrom ?? null}, ${run.approves?.runId ?? null},
      ${queued ? new Date(queued.queuedMs).toISOString() : null}::timestamptz, ${queued?.requested ?? null}::json)`
}

/** A listing that goes on keeps its instant to the microsecond, which a `Date` has lost: it is taken from a run of the listing. */
function generationStart(tables: Tables, { scopeId }: LockedScope, run: NewRun) {
  if (!run.generationStartedAt) return sql`statement_timestamp()`
  return sql`coalesce(
    (select r.generation_started_at from ${tables.runs} r
      where ${checked(sql`r.generation = ${run.generation}::int`)} and ${newestOf(sql`${scopeId}::int`)} limit 1),
    ${instant(run.generationStartedAt)})`
}
