import type { EventMark, EventState, MessageId, TakenEvent, WebhookStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { isUniqueViolation } from '../pg-errors.ts'
import { type ResourceRow, resourceColumns, toResource } from '../resources/resource-row.ts'
import { removeInScope, upsertInScope } from '../resources/write-one.ts'
import { type LockedScope, openScope } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { compact, msOf, optionalDate } from '../values.ts'

type Parts = Pick<StoreContext, 'tables' | 'createId'>
type Request = Parameters<WebhookStore['takeEvent']>[0]
type Decide = Parameters<WebhookStore['takeEvent']>[1]

/**
 * Takes one event in. Deliveries of a message for one scope wait for each other at its lock; one for another scope
 * breaks the key of the message, and is then looked up.
 */
export const takeEvent =
  (
    { database, ...parts }: StoreContext,
    noted: (message: MessageId) => Promise<boolean>,
  ): WebhookStore['takeEvent'] =>
  async (request, decide) => {
    try {
      return await database.write((session) => takeNow(session, parts, { request, decide }))
    } catch (error) {
      if (isUniqueViolation(error) && (await noted(request))) return { kind: 'repeated' }
      throw error
    }
  }

async function takeNow(
  session: Session,
  parts: Parts,
  { request, decide }: { readonly request: Request; readonly decide: Decide },
): Promise<TakenEvent> {
  const { tables } = parts
  const { externalId } = request
  const scope = await openScope(session, tables, request)
  const { repeated, state } = await readState(session, tables, { scope, request })
  if (repeated) return { kind: 'repeated' }
  const decision = decide(state)
  if (decision.kind === 'defer') return { kind: 'deferred', revision: state.revision }
  const { write, mark } = decision
  const outcome =
    write === undefined
      ? 'none'
      : write.kind === 'upsert'
        ? await upsertInScope(session, parts, { scope, record: write.record })
        : (await removeInScope(session, tables, { scope, externalId }))
          ? 'removed'
          : 'absent'
  await noteEvent(session, tables, { scope, request, mark })
  return { kind: 'taken', outcome }
}

interface StateRow extends Omit<ResourceRow, 'resourceId'> {
  readonly repeated: boolean
  readonly nowMs: number
  readonly revision: string
  readonly version: number | null
  readonly occurredMs: number | null
  readonly markedMs: number | null
  readonly resourceId: string | null
}

/** Having waited for the scope's lock, it sees what every earlier writer did. */
async function readState(
  session: Session,
  tables: Tables,
  { scope, request }: { readonly scope: LockedScope; readonly request: Request },
): Promise<{ readonly repeated: boolean; readonly state: EventState }> {
  const { connectorId, messageId, externalId } = request
  const [row] = await session.runPrepared(sql<StateRow>`select ${resourceColumns},
      exists (select 1 from ${tables.webhookMessages} m
        where m.connector_id = ${connectorId} and m.message_id = ${messageId}) as repeated,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
      concat_ws(' ', coalesce(k.revision, 0), r.sync_hash, extract(epoch from r.stale_since)) as revision,
      k.version::float8 as version, ${msOf('k.occurred_at')} as "occurredMs", ${msOf('k.marked_at')} as "markedMs"
    from ${tables.scopes} s
    left join ${tables.rows} r on r.scope_id = s.id and r.external_id = ${externalId}
    left join ${tables.webhookMarks} k on k.scope_id = s.id and k.external_id = ${externalId}
    where s.id = ${scope.scopeId}::int`)
  if (!row) throw new Error('A locked scope was not answered')
  const { resourceId, markedMs } = row
  return {
    repeated: row.repeated,
    state: compact<EventState>({
      now: new Date(row.nowMs),
      revision: row.revision,
      resource: resourceId === null ? undefined : toResource({ ...row, resourceId }),
      mark:
        markedMs === null
          ? undefined
          : compact<EventMark & { readonly at: Date }>({
              at: new Date(markedMs),
              version: row.version ?? undefined,
              occurredAt: optionalDate(row.occurredMs),
            }),
    }),
  }
}

/** Ends the transaction: a mark is not before the row's own time. */
async function noteEvent(
  session: Session,
  tables: Tables,
  of: { readonly scope: LockedScope; readonly request: Request; readonly mark: EventMark | undefined },
): Promise<void> {
  const { scope, request, mark } = of
  const { connectorId, messageId, externalId } = request
  const noted = sql`insert into ${tables.webhookMessages} (connector_id, message_id, received_at)
    values (${connectorId}, ${messageId}, clock_timestamp())`
  const marked =
    mark &&
    sql`with noted as (${noted}),
    told as (update ${tables.scopes} set webhook_at = clock_timestamp() where id = ${scope.scopeId}::int)
    insert into ${tables.webhookMarks} as kept (scope_id, external_id, revision, version, occurred_at, marked_at)
    values (${scope.scopeId}::int, ${externalId}, 1, ${mark.version ?? null}::bigint,
      ${mark.occurredAt?.toISOString() ?? null}::timestamptz, clock_timestamp())
    on conflict (scope_id, external_id) do update set revision = kept.revision + 1,
      version = excluded.version, occurred_at = excluded.occurred_at, marked_at = excluded.marked_at`
  await session.dispatch({ statement: () => marked ?? noted, last: true })
}
