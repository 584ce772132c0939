import { noPostSyncStats, type PeopleStore, type PostSyncRun, SyncError } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { interval } from '../values.ts'
import type { PeopleContext } from './people-context.ts'
import { selectPostSyncs } from './post-sync-row.ts'
import { extendLease, lockPostSync, postSyncLost } from './post-sync-scope.ts'
import { ofScope } from './subjects.ts'
import { recordJobs } from './workflow-jobs.ts'

type Runs = Pick<PeopleStore, 'begin' | 'renew' | 'finish' | 'runs' | 'due'>

/** Post-sync runs and their leases, by database time. */
export const postSyncRuns = (context: PeopleContext): Runs => {
  const { database, tables } = context
  return {
    begin: (request) => database.write((session) => begin(session, tables, request)),
    renew: (lease) => database.read((session) => extendLease(session, tables, lease)),
    finish: (request) => database.write((session) => finish(session, tables, request)),
    runs: ({ limit, ...scope }) =>
      database.read(async (session) => {
        const found = await selectPostSyncs(
          session,
          tables,
          sql`where ${ofScope('p', scope)} order by r.ordinal desc limit ${limit}::bigint`,
        )
        return found.map(({ run }) => run)
      }),
    due: due(context),
  }
}

async function begin(
  session: Session,
  tables: Tables,
  { scope, runId, planId, leaseMs }: Parameters<Runs['begin']>[0],
): ReturnType<Runs['begin']> {
  const { scopeId, fencingToken, triggeredTo, tenantId } = await lockPostSync(session, tables, scope)
  const newest = sql`where r.scope_id = ${scopeId}::int order by r.ordinal desc limit 1`
  const [latest] = await selectPostSyncs(session, tables, newest)
  if (latest?.run.status === 'running') {
    if (latest.held) return { kind: 'running', runId: latest.run.runId }
    await abandon(session, tables, latest.run)
  }
  const failed = latest?.run.status === 'error' || latest?.run.status === 'running'
  const attempt = failed ? latest.run.attempt + 1 : 1
  await session.run(sql`update ${tables.postSyncScopes} set fencing_token = ${fencingToken + 1}::bigint
    where id = ${scopeId}::int`)
  await session.run(sql`insert into ${tables.postSyncRuns} (run_id, scope_id, status, attempt, plan_id,
      fencing_token, to_position, stats, started_at, lease_expires_at)
    values (${runId}, ${scopeId}::int, 'running', ${attempt}::int, ${planId ?? null}, ${fencingToken + 1}::bigint,
      coalesce((select s.change_position from ${tables.scopes} s where ${ofScope('s', scope)}), 0),
      ${writeDocument(noPostSyncStats)}::json, statement_timestamp(), clock_timestamp() + ${interval(leaseMs)})`)
  const [started] = await selectPostSyncs(session, tables, sql`where r.run_id = ${runId}`)
  if (!started) throw new SyncError('STORE_FAILED', `Post-sync ${runId} was not stored`)
  return { kind: 'started', run: started.run, triggeredTo, tenantId }
}

async function abandon(session: Session, tables: Tables, { runId }: PostSyncRun): Promise<void> {
  const error = { code: 'RUN_ABANDONED', message: 'Its process died; the next post-sync goes on' }
  await session.run(sql`update ${tables.postSyncRuns} set status = 'error',
    finished_at = statement_timestamp(), error = ${writeDocument(error)}::json where run_id = ${runId}`)
}

async function finish(
  session: Session,
  tables: Tables,
  { lease, status, stats, guard, error, retryAfterMs, jobs }: Parameters<Runs['finish']>[0],
): Promise<PostSyncRun> {
  const { scopeId } = await lockPostSync(session, tables, lease)
  const ofRun = sql`where r.run_id = ${lease.runId} and r.scope_id = ${scopeId}::int`
  const [before] = await selectPostSyncs(session, tables, ofRun)
  if (before?.run.status === status) return before.run
  if (before?.run.status !== 'running' || before.run.fencingToken !== lease.fencingToken) {
    throw postSyncLost(lease)
  }
  await recordJobs(session, tables, jobs)
  const retryAt =
    retryAfterMs === undefined ? sql`null` : sql`statement_timestamp() + ${interval(retryAfterMs)}`
  await session.run(sql`update ${tables.postSyncRuns} set status = ${status},
    finished_at = statement_timestamp(), stats = ${writeDocument(stats)}::json,
    guard = ${writeDocument(guard)}::json, error = ${writeDocument(error)}::json, retry_at = ${retryAt}
    where run_id = ${lease.runId}`)
  if (status !== 'error') {
    await session.run(sql`update ${tables.postSyncScopes}
      set processed_to = greatest(processed_to, ${before.run.toPosition}::bigint) where id = ${scopeId}::int`)
  }
  const [ended] = await selectPostSyncs(session, tables, ofRun)
  if (!ended) throw postSyncLost(lease)
  return ended.run
}

const due =
  ({ database, tables }: PeopleContext): Runs['due'] =>
  ({ resourceTypes, limit }) =>
    database.read((session) =>
      session.run(sql`select k.connector_id as "connectorId", k.resource_type as "resourceType"
        from (select connector_id, resource_type from ${tables.scopes}
          union select connector_id, resource_type from ${tables.postSyncScopes}) k
        left join ${tables.scopes} s on s.connector_id = k.connector_id and s.resource_type = k.resource_type
        left join ${tables.postSyncScopes} p on p.connector_id = k.connector_id and p.resource_type = k.resource_type
        left join lateral (select r.* from ${tables.postSyncRuns} r where r.scope_id = p.id
          order by r.ordinal desc limit 1) latest on true
        where k.resource_type = any(${session.arrays.text(resourceTypes)})
          and (latest.status in ('error', 'running') and latest.plan_id is null
            or coalesce(s.change_position, 0) > coalesce(p.processed_to, 0))
          and (latest.status is distinct from 'running' or latest.lease_expires_at <= statement_timestamp())
          and (latest.retry_at is null or latest.retry_at <= statement_timestamp())
          and not exists (select from ${tables.runs} r where r.scope_id + 0 = s.id and r.status = 'running'
            and r.lease_expires_at > statement_timestamp() offset 0)
        order by k.connector_id, k.resource_type limit ${limit}::bigint`),
    )
