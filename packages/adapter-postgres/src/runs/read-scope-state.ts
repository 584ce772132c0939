import type { Run, ScopeState } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import { hasSchedule, planColumns, toPlan } from '../schedules.ts'
import type { LockedScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { compact } from '../values.ts'
import { newestOf, selectRuns, selectRunsFrom, theOne } from './run-row.ts'

/** What the store knows of a locked scope, for the decision whether a run may begin. */
export async function readScopeState(
  session: Session,
  tables: Tables,
  { scope, tenantId }: { readonly scope: LockedScope; readonly tenantId: string },
): Promise<ScopeState> {
  const { scopeId } = scope
  // Locked, so that its holder cannot renew a lease that is just being judged.
  const [running] = await selectRuns(
    session,
    tables,
    sql`where ${theOne(tables, scopeId, 'running')} for update of r`,
  )
  // Locked as well: it may be cancelled just now.
  const [queued] = await selectRuns(
    session,
    tables,
    sql`where ${theOne(tables, scopeId, 'queued')} for update of r`,
  )
  // Runs that never began have no fencing token.
  const [latest] = await selectRunsFrom(
    session,
    sql`(select * from ${tables.runs} r where r.fencing_token > 0 and ${newestOf(sql`${scopeId}::int`)} limit 1) r join ${tables.scopes} s on s.id = r.scope_id`,
  )
  const [newestFull] = await selectRunsFrom(
    session,
    sql`(select * from ${tables.runs} r where r.mode = 'full' and r.fencing_token > 0 and ${newestOf(sql`${scopeId}::int`)} limit 1) r join ${tables.scopes} s on s.id = r.scope_id`,
  )
  // Locked, so that a schedule changed now is changed after the run took its tick.
  const [plan] = await session.run(
    sql<Parameters<typeof toPlan>[0]>`select ${planColumns} from ${tables.configs} c
      where c.connector_id = ${scope.connectorId} and c.resource_type = ${scope.resourceType} and ${hasSchedule}
      for update`,
  )
  await lockTenant(session, tables, tenantId)
  const [row] = await session.run(
    sql<{ nowMs: number; tenantRunning: number }>`select
      (extract(epoch from statement_timestamp()) * 1000)::float8 as "nowMs", count(*)::int as "tenantRunning"
      from ${tables.runs}
      where tenant_id = ${tenantId} and status = 'running' and lease_expires_at > statement_timestamp()`,
  )
  return compact<ScopeState>({
    now: new Date(row?.nowMs ?? Number.NaN),
    running,
    queued,
    latest,
    guarded: newestFull && awaitsApproval(newestFull) ? newestFull : undefined,
    generation: scope.generation,
    tenantRunning: row?.tenantRunning ?? 0,
    lastStartedAt: latest?.startedAt,
    plan: plan && toPlan(plan),
  })
}

/**
 * Until the transaction ends: two runs of one tenant must not both count themselves in below its limit. Taken when
 * everything else of the scope is locked: whoever waits for a scope that hangs holds up no other scope of the tenant.
 */
const lockTenant = (session: Session, tables: Tables, tenantId: string): Promise<unknown> =>
  session.run(
    sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['syncline tenant', tables.schema, tenantId])}, 0))`,
  )

const awaitsApproval = ({ status, approvedAt }: Run): boolean =>
  status === 'guarded' && approvedAt === undefined
