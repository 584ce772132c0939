import type {
  EventDecision,
  EventMark,
  EventState,
  MessageId,
  TakenEvent,
  WebhookStore,
} from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { isUniqueViolation } from '../pg-errors.ts'
import { type ResourceRow, resourceColumns, toResource } from '../resources/resource-row.ts'
import { planRemoval, planUpsert, type StoredRow } from '../resources/write-one.ts'
import { connectorNotFound, type LockedScope, lockOf, openScope, scopeColumns } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { compact, instant, msOf, optionalDate } from '../values.ts'

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
  const place = await lockPlace(session, tables, request)
  if (!place.owned) throw connectorNotFound(request.connectorId)
  if (place.repeated) return { kind: 'repeated' }
  const { scope, state } = place
  const decision = decide(state)
  if (decision.kind === 'defer') return { kind: 'deferred', revision: state.revision }
  const { outcome, statements } = await planWrite(session, parts, { place, decision, request })
  const noted = noteEvent(tables, { scope, request, mark: decision.mark })
  await session.runTogether([...statements, noted], { last: true })
  return { kind: 'taken', outcome }
}

/** What the event is about, in its locked scope. */
interface LockedPlace {
  readonly scope: LockedScope
  /** The connector belongs to the tenant of the request, and does while its scope is locked. */
  readonly owned: boolean
  readonly repeated: boolean
  readonly row: StoredRow | undefined
  readonly state: EventState
}

interface PlannedWrite {
  readonly outcome: Extract<TakenEvent, { readonly kind: 'taken' }>['outcome']
  readonly statements: readonly RawBuilder<unknown>[]
}

async function planWrite(
  session: Session,
  parts: Parts,
  {
    place: { scope, row },
    decision: { write },
    request: { externalId },
  }: {
    readonly place: LockedPlace
    readonly decision: Extract<EventDecision, { readonly kind: 'take' }>
    readonly request: Request
  },
): Promise<PlannedWrite> {
  if (!write) return { outcome: 'none', statements: [] }
  if (write.kind === 'upsert') return planUpsert(session, parts, { scope, row, record: write.record })
  if (!row) return { outcome: 'absent', statements: [] }
  return {
    outcome: 'removed',
    statements: planRemoval(parts.tables, session.arrays, { scope, row, externalId }),
  }
}

interface StateRow extends Omit<ResourceRow, 'resourceId'>, LockedScope {
  readonly owned: boolean
  readonly repeated: boolean
  readonly rowEpoch: number
  readonly nowMs: number
  readonly revision: string
  readonly version: number | null
  readonly occurredMs: number | null
  readonly markedMs: number | null
  readonly lowerBound: boolean | null
  readonly resourceId: string | null
}

/** Locks the scope, which is made where there is none yet, then looks. @throws CONNECTOR_NOT_FOUND */
async function lockPlace(session: Session, tables: Tables, request: Request): Promise<LockedPlace> {
  const look = stateOf(tables, request)
  const [[locked] = [], [row] = []] = await session.runTogether<LockedScope>([lockOf(tables, request), look])
  if (locked && row && isState(row)) return placeOf(row)
  // A scope that came between the two is not locked.
  await openScope(session, tables, request)
  const [made] = await session.runPrepared(look)
  if (!made) throw new Error('A locked scope was not answered')
  return placeOf(made)
}

const isState = (row: LockedScope): row is StateRow => 'repeated' in row

/** A statement after the one that locks the scope: having waited, it sees what every earlier writer did. */
const stateOf = (
  tables: Tables,
  { connectorId, tenantId, resourceType, messageId, externalId }: Request,
): RawBuilder<StateRow> => sql<StateRow>`select ${scopeColumns}, ${resourceColumns}, r.hash_epoch as "rowEpoch",
    exists (select 1 from ${tables.connectors} c
      where c.id = ${connectorId} and c.tenant_id = ${tenantId}) as owned,
    exists (select 1 from ${tables.webhookMessages} m
      where m.connector_id = ${connectorId} and m.message_id = ${messageId}) as repeated,
    (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
    concat_ws(' ', coalesce(k.revision, 0), r.sync_hash, extract(epoch from r.stale_since)) as revision,
    k.version::float8 as version, ${msOf('k.occurred_at')} as "occurredMs", ${msOf('k.marked_at')} as "markedMs",
    k.lower_bound as "lowerBound"
  from ${tables.scopes} s
  left join ${tables.rows} r on r.scope_id = s.id and r.external_id = ${externalId}
  left join ${tables.webhookMarks} k on k.scope_id = s.id and k.external_id = ${externalId}
  where s.connector_id = ${connectorId} and s.resource_type = ${resourceType}`

function placeOf(row: StateRow): LockedPlace {
  const { resourceId, markedMs } = row
  return {
    scope: row,
    owned: row.owned,
    repeated: row.repeated,
    row:
      resourceId === null
        ? undefined
        : { resourceId, hash: row.hash, rowEpoch: row.rowEpoch, stale: row.staleMs !== null },
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
              isLowerBound: row.lowerBound === true ? true : undefined,
            }),
    }),
  }
}

/** The last statement of its transaction: a mark is not before the row's own time. */
function noteEvent(
  tables: Tables,
  of: { readonly scope: LockedScope; readonly request: Request; readonly mark: EventMark | undefined },
): RawBuilder<unknown> {
  const { scope, request, mark } = of
  const { connectorId, messageId, externalId } = request
  const noted = sql`insert into ${tables.webhookMessages} (connector_id, message_id, received_at)
    values (${connectorId}, ${messageId}, clock_timestamp())`
  if (!mark) return noted
  return sql`with noted as (${noted}),
    told as (update ${tables.scopes} set webhook_at = clock_timestamp() where id = ${scope.scopeId}::int)
    insert into ${tables.webhookMarks} as kept (scope_id, external_id, revision, version, occurred_at, marked_at,
      lower_bound)
    values (${scope.scopeId}::int, ${externalId}, 1, ${mark.version ?? null}::bigint,
      ${instant(mark.occurredAt)}, clock_timestamp(), ${mark.isLowerBound === true}::boolean)
    on conflict (scope_id, external_id) do update set revision = kept.revision + 1, version = excluded.version,
      occurred_at = excluded.occurred_at, marked_at = excluded.marked_at, lower_bound = excluded.lower_bound`
}
