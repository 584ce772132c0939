import type { ActionKind, ActionStatus, LifecycleAction } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Session } from '../database.ts'
import { documentReader, optionalDocument, readJsonObject } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { compact, exactText, optionalDate, optionalText } from '../values.ts'

/** An entry of the journal as the database answers it. */
interface ActionRow {
  readonly position: number
  readonly actionId: string
  readonly tenantId: string
  readonly connectorId: string
  readonly resourceType: string
  readonly externalId: string
  readonly kind: ActionKind
  readonly status: ActionStatus
  readonly userId: string | null
  readonly connectorResourceId: string
  readonly staleMs: number | null
  readonly by: string
  readonly reason: string
  readonly runId: string | null
  readonly before: string
  readonly after: string
  readonly undoes: string | null
  readonly problem: string | null
  readonly atMs: number
  readonly settledMs: number | null
  readonly ageMs: number
}

const columns: RawBuilder<unknown> = sql`a.position::float8 as position, a.action_id::text as "actionId",
  a.tenant_id as "tenantId",
  a.connector_id as "connectorId", a.resource_type as "resourceType", '=' || a.external_id as "externalId",
  a.kind, a.status, '=' || a.user_id as "userId", a.connector_resource_id::text as "connectorResourceId",
  (extract(epoch from a.stale_since) * 1000)::float8 as "staleMs", '=' || a.actor as "by", '=' || a.reason as reason,
  a.run_id as "runId", a.before::text as before, a.after::text as after, a.undoes,
  a.problem::text as problem, (extract(epoch from a.at) * 1000)::float8 as "atMs",
  (extract(epoch from a.settled_at) * 1000)::float8 as "settledMs",
  (extract(epoch from statement_timestamp() - a.at) * 1000)::float8 as "ageMs"`

const readProblem = optionalDocument(documentReader(z.object({ code: z.string(), message: z.string() })))

/** An entry, and how long ago it was recorded. */
export interface RecordedAction {
  readonly action: LifecycleAction
  readonly ageMs: number
}

/** `rest` follows the table `a` of the journal. */
export async function selectActions(
  session: Session,
  tables: Tables,
  rest: RawBuilder<unknown>,
): Promise<readonly RecordedAction[]> {
  const rows = await session.run(sql<ActionRow>`select ${columns} from ${tables.actions} a ${rest}`)
  return rows.map((row) => ({ action: toAction(row), ageMs: row.ageMs }))
}

const toAction = (row: ActionRow): LifecycleAction =>
  compact<LifecycleAction>({
    actionId: row.actionId,
    tenantId: row.tenantId,
    connectorId: row.connectorId,
    resourceType: row.resourceType,
    externalId: exactText(row.externalId),
    kind: row.kind,
    status: row.status,
    userId: optionalText(row.userId),
    connectorResourceId: row.connectorResourceId,
    staleSince: optionalDate(row.staleMs),
    by: exactText(row.by),
    reason: exactText(row.reason),
    runId: row.runId ?? undefined,
    before: readJsonObject(row.before),
    after: readJsonObject(row.after),
    undoes: row.undoes ?? undefined,
    problem: readProblem(row.problem),
    position: row.position,
    at: new Date(row.atMs),
    settledAt: optionalDate(row.settledMs),
  })
