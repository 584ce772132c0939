import type { Run, RunMode, RunOwner, RunStatus } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import {
  readCheckpoint,
  readGuardVerdict,
  readRequestedRun,
  readRunError,
  readTimings,
} from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { compact, msOf, optionalDate } from '../values.ts'

interface RunRow {
  readonly runId: string
  readonly connectorId: string
  readonly resourceType: string
  readonly tenantId: string
  readonly mode: RunMode
  readonly status: RunStatus
  readonly generation: number
  readonly generationStartedMs: number
  readonly fencingToken: number
  readonly startedMs: number
  readonly finishedMs: number | null
  readonly leaseExpiresMs: number
  readonly checkpoint: string
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly restored: number
  readonly staled: number
  readonly removed: number
  readonly excluded: number
  readonly quarantined: number
  readonly durationMs: number
  readonly pagesProcessed: number
  readonly totalUpstreamRecords: number
  readonly timings: string
  readonly totalEstimate: number | null
  readonly error: string | null
  readonly guard: string | null
  readonly resumable: boolean
  readonly complete: boolean
  readonly resumedFrom: string | null
  readonly approves: string | null
  readonly approvedBy: string | null
  readonly approvedMs: number | null
  readonly cancelRequested: boolean
  readonly queuedMs: number | null
  readonly requested: string | null
}

const runColumns = sql`r.run_id as "runId", s.connector_id as "connectorId", s.resource_type as "resourceType",
  r.tenant_id as "tenantId", r.mode, r.status, r.generation,
  ${msOf('r.generation_started_at')} as "generationStartedMs", r.fencing_token::float8 as "fencingToken",
  ${msOf('r.started_at')} as "startedMs", ${msOf('r.finished_at')} as "finishedMs",
  ${msOf('r.lease_expires_at')} as "leaseExpiresMs", r.checkpoint::text as checkpoint,
  r.added, r.updated, r.unchanged, r.restored, r.staled, r.removed, r.excluded, r.quarantined,
  r.duration_ms::float8 as "durationMs", r.pages_processed as "pagesProcessed",
  r.total_upstream_records::float8 as "totalUpstreamRecords", r.timings::text as timings,
  r.total_estimate::float8 as "totalEstimate", r.error::text as error, r.guard::text as guard,
  r.resumable, r.complete, r.resumed_from as "resumedFrom", r.approves, r.approved_by as "approvedBy",
  ${msOf('r.approved_at')} as "approvedMs", r.cancel_requested as "cancelRequested",
  ${msOf('r.queued_at')} as "queuedMs", r.requested::text as requested`

/** Runs as the port shows them. `rest` begins with `where`; the run is `r`, its scope `s`. */
export const selectRuns = (
  session: Session,
  tables: Tables,
  rest: RawBuilder<unknown>,
): Promise<readonly Run[]> =>
  selectRunsFrom(session, sql`${tables.runs} r join ${tables.scopes} s on s.id = r.scope_id ${rest}`)

/** Runs `r` and scopes `s` of any tables. */
export async function selectRunsFrom(session: Session, from: RawBuilder<unknown>): Promise<readonly Run[]> {
  const rows = await session.run(sql<RunRow>`select ${runColumns} from ${from}`)
  return rows.map(toRun)
}

/** The run `r` of a scope that is running or queued. An array, so that the join with scopes leads to no other index. */
export const theOne = (tables: Tables, scopeId: number, status: 'running' | 'queued'): RawBuilder<unknown> =>
  sql`r.run_id = any(array(select x.run_id from ${tables.runs} x
    where x.scope_id + 0 = ${scopeId}::int and x.status = ${sql.lit(status)})) and ${checked(sql`r.status = ${status}`)}`

/**
 * Runs `r` of a scope that began before a run of this number, newest first; the last of the conditions. A range of two
 * columns, because only the index of the scope has that order: by numbers alone, runs of all scopes would be passed over.
 */
export const newestOf = (
  scopeId: RawBuilder<unknown>,
  before: RawBuilder<unknown> = newest,
): RawBuilder<unknown> =>
  sql`(r.scope_id, r.ordinal) < (${scopeId}, ${before}) and r.scope_id >= ${scopeId}
    order by r.scope_id desc, r.ordinal desc`

const newest = sql`9223372036854775807`

export async function readRun(
  session: Session,
  tables: Tables,
  { runId, connectorId, tenantId }: RunOwner & { readonly runId: string },
): Promise<Run | undefined> {
  const ofConnector = connectorId === undefined ? sql`` : sql`and s.connector_id = ${connectorId}`
  const ofTenant = tenantId === undefined ? sql`` : sql`and r.tenant_id = ${tenantId}`
  const owned = sql`${ofConnector} ${ofTenant}`
  const [run] = await selectRuns(session, tables, sql`where r.run_id = ${runId} ${owned}`)
  return run
}

function toRun(row: RunRow): Run {
  return compact<Run>({
    runId: row.runId,
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    tenantId: row.tenantId,
    mode: row.mode,
    status: row.status,
    generation: row.generation,
    generationStartedAt: new Date(row.generationStartedMs),
    fencingToken: row.fencingToken,
    startedAt: new Date(row.startedMs),
    finishedAt: optionalDate(row.finishedMs),
    leaseExpiresAt: new Date(row.leaseExpiresMs),
    checkpoint: readCheckpoint(row.checkpoint),
    stats: {
      added: row.added,
      updated: row.updated,
      unchanged: row.unchanged,
      restored: row.restored,
      staled: row.staled,
      removed: row.removed,
      excluded: row.excluded,
      quarantined: row.quarantined,
      durationMs: row.durationMs,
      pagesProcessed: row.pagesProcessed,
      totalUpstreamRecords: row.totalUpstreamRecords,
    },
    timings: readTimings(row.timings),
    totalEstimate: row.totalEstimate ?? undefined,
    error: readRunError(row.error),
    guard: readGuardVerdict(row.guard),
    resumable: row.resumable,
    complete: row.complete,
    resumedFrom: row.resumedFrom ?? undefined,
    approves: row.approves ?? undefined,
    approvedBy: row.approvedBy ?? undefined,
    approvedAt: optionalDate(row.approvedMs),
    cancelRequested: row.cancelRequested,
    queuedAt: optionalDate(row.queuedMs),
    requested: readRequestedRun(row.requested),
  })
}
