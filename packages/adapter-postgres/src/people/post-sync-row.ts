import type { DeactivationVerdict, PostSyncRun, PostSyncStats, PostSyncStatus } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Session } from '../database.ts'
import { documentReader, optionalDocument, readRunError } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { compact, msOf, optionalDate } from '../values.ts'

/** A post-sync as the database answers it. */
interface PostSyncRow {
  readonly runId: string
  readonly connectorId: string
  readonly resourceType: string
  readonly status: PostSyncStatus
  readonly attempt: number
  readonly planId: string | null
  readonly fencingToken: number
  readonly toPosition: number
  readonly stats: string
  readonly guard: string | null
  readonly error: string | null
  readonly startedMs: number
  readonly finishedMs: number | null
  readonly retryMs: number | null
  readonly held: boolean
}

const columns: RawBuilder<unknown> = sql`r.run_id as "runId", p.connector_id as "connectorId",
  p.resource_type as "resourceType", r.status, r.attempt, r.plan_id as "planId",
  r.fencing_token::float8 as "fencingToken", r.to_position::float8 as "toPosition", r.stats::text as stats,
  r.guard::text as guard, r.error::text as error, ${msOf('r.started_at')} as "startedMs",
  ${msOf('r.finished_at')} as "finishedMs", ${msOf('r.retry_at')} as "retryMs",
  r.lease_expires_at > clock_timestamp() as held`

const stats: z.ZodType<PostSyncStats> = z.object({
  matched: z.number(),
  unmatched: z.number(),
  ambiguous: z.number(),
  resolved: z.number(),
  pending: z.number(),
  changed: z.number(),
  created: z.number(),
  createFailed: z.number(),
  deactivated: z.number(),
  reactivated: z.number(),
  profilesUpdated: z.number(),
  jobs: z.number(),
  // Rows of earlier releases do not have these.
  linksLost: z.number().default(0),
  changesLost: z.number().default(0),
})

const guard: z.ZodType<DeactivationVerdict> = z.object({
  linked: z.number(),
  candidates: z.number(),
  limit: z.number(),
  tripped: z.boolean(),
})

const readStats = documentReader(stats)
const readGuard = optionalDocument(documentReader(guard))

/** A post-sync, and whether its lease lasts. */
export interface StoredPostSync {
  readonly run: PostSyncRun
  readonly held: boolean
}

/** `rest` follows the tables: `r`, the runs, and `p`, their scopes. */
export async function selectPostSyncs(
  session: Session,
  tables: Tables,
  rest: RawBuilder<unknown>,
): Promise<readonly StoredPostSync[]> {
  const rows = await session.run(sql<PostSyncRow>`select ${columns}
    from ${tables.postSyncRuns} r join ${tables.postSyncScopes} p on p.id = r.scope_id ${rest}`)
  return rows.map((row) => ({ run: toRun(row), held: row.held }))
}

const toRun = (row: PostSyncRow): PostSyncRun =>
  compact<PostSyncRun>({
    runId: row.runId,
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    status: row.status,
    attempt: row.attempt,
    planId: row.planId ?? undefined,
    fencingToken: row.fencingToken,
    toPosition: row.toPosition,
    stats: readStats(row.stats),
    guard: readGuard(row.guard),
    error: readRunError(row.error),
    startedAt: new Date(row.startedMs),
    finishedAt: optionalDate(row.finishedMs),
    retryAt: optionalDate(row.retryMs),
  })
