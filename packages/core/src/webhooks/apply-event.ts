import { SyncError } from '../errors.ts'
import type { Owner } from '../model/owner.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { ResourceEvent, WebhookOutcomeStatus } from '../model/webhook.ts'
import type {
  EventDecision,
  EventState,
  MessageId,
  TakenEvent,
  WebhookStore,
} from '../ports/webhook-store.ts'
import { type EventOrder, laterMark, markOf, orderOf, type StateSource } from './order-of-events.ts'
import { webhookInvalid } from './parse-event.ts'

/** A record that may be stored, or `excluded` when a filter rule leaves it out. */
export type PrepareRecord<Given> = (record: Given) => PreparedRecord | 'excluded'

/** One event and what is needed to apply it. */
export interface EventToApply<Fetched> {
  readonly event: ResourceEvent
  readonly target: ResourceRef & MessageId & Owner
  /** For what a webhook says. Pure. @throws WEBHOOK_INVALID */
  readonly prepare: PrepareRecord<unknown>
  /** For what upstream answered. Pure. */
  readonly prepareFetched: PrepareRecord<Fetched>
  /** What upstream has now; null when it has none. Absent where it cannot be asked for one resource. */
  readonly fetch?: (() => Promise<Fetched | null>) | undefined
  /** Lets fetches for one resource go one after the other. */
  readonly inTurn: <Answer>(work: () => Promise<Answer>) => Promise<Answer>
}

export type AppliedStatus = Exclude<WebhookOutcomeStatus, 'forwarded'>

const mostRounds = 8

/**
 * Applies an event: a newer one as it says, an older one not at all. Where it does not say enough, or nobody can tell
 * which is newer, upstream is asked, outside the transaction; what it answers is stored if nothing else was written
 * meanwhile, and asked for again otherwise. Where upstream cannot be asked the last writer wins.
 * @throws WEBHOOK_INVALID, WEBHOOK_CONTENDED, what `fetch` throws: nothing was written
 */
export async function applyEvent<Fetched>(
  store: Pick<WebhookStore, 'takeEvent'>,
  work: EventToApply<Fetched>,
): Promise<AppliedStatus> {
  const { event, target, fetch } = work
  if (event.action !== 'deleted' && !event.data && !fetch) {
    throw webhookInvalid(
      'The event holds no data, and its connector type has no get to ask for it with',
      'DATA_MISSING',
    )
  }
  let decided: EventDecision = { kind: 'defer' }
  const note = (decision: EventDecision): EventDecision => (decided = decision)
  const told = await store.takeEvent(target, (state) => note(decideAsTold(work, state)))
  if (told.kind !== 'deferred' || !fetch) return statusOf(told, decided)
  return work.inTurn(async () => {
    let taken: TakenEvent = told
    for (let round = 1; taken.kind === 'deferred'; round++) {
      if (round > mostRounds) throw contended(target)
      const { revision } = taken
      const fetched = await fetch()
      taken = await store.takeEvent(target, (state) =>
        note(decideAsFetched(work, { state, revision, fetched })),
      )
    }
    return statusOf(taken, decided)
  })
}

/** What to do with an event as it stands. */
function decideAsTold<Fetched>(work: EventToApply<Fetched>, state: EventState): EventDecision {
  const { event, fetch, prepare } = work
  const order = orderOfEvent(event, state)
  if (order === 'older') return { kind: 'take' }
  if (fetch && (order === 'unknown' || !saysAll(event))) return { kind: 'defer' }
  const record = event.action === 'deleted' ? 'none' : prepare(recordOf(event, state.resource))
  return taking(event, state, { source: 'event', record })
}

/** What to do once upstream has answered what it answered when the state had this revision. */
function decideAsFetched<Fetched>(
  { event, prepareFetched }: EventToApply<Fetched>,
  answer: { readonly state: EventState; readonly revision: string; readonly fetched: Fetched | null },
): EventDecision {
  const { state, revision, fetched } = answer
  if (orderOfEvent(event, state) === 'older') return { kind: 'take' }
  // Upstream may have been asked before what was written meanwhile.
  if (state.revision !== revision) return { kind: 'defer' }
  const record = fetched === null ? 'none' : prepareFetched(fetched)
  return taking(event, state, { source: 'upstream', record })
}

const orderOfEvent = (event: ResourceEvent, state: EventState): EventOrder =>
  orderOf(markOf(event, state.now), state)

function taking(
  event: ResourceEvent,
  state: EventState,
  { source, record }: { readonly source: StateSource; readonly record: PreparedRecord | 'excluded' | 'none' },
): EventDecision {
  const mark = laterMark(markOf(event, state.now), state.mark, source)
  // What a filter leaves out keeps its row until a full run misses it, as with every other writer.
  if (record === 'excluded') return { kind: 'take', mark }
  const write = record === 'none' ? { kind: 'remove' as const } : { kind: 'upsert' as const, record }
  return { kind: 'take', write, mark }
}

const saysAll = ({ action, data }: ResourceEvent): boolean =>
  action === 'deleted' || (data?.displayName !== undefined && data.attributes !== undefined)

/** What the event says, over what is stored: a record, unless nobody has said its name. */
function recordOf({ resourceId, data = {} }: ResourceEvent, stored: Resource | undefined): object {
  const parent = data.parent === undefined ? stored?.parent : (data.parent ?? undefined)
  return {
    externalId: resourceId,
    displayName: data.displayName ?? stored?.displayName,
    email: data.email === undefined ? stored?.email : data.email,
    attributes: data.attributes ?? stored?.attributes ?? {},
    parent,
  }
}

function statusOf(taken: TakenEvent, decided: EventDecision): AppliedStatus {
  if (taken.kind === 'repeated') return 'repeated'
  if (taken.kind === 'deferred' || decided.kind === 'defer') {
    throw new SyncError('INTERNAL', 'The store put off an event that was to be taken')
  }
  if (!decided.mark) return 'outdated'
  if (!decided.write) return 'excluded'
  return taken.outcome === 'unchanged' || taken.outcome === 'absent' ? 'unchanged' : 'applied'
}

const contended = ({ connectorId, resourceType, externalId }: ResourceRef): SyncError =>
  new SyncError('WEBHOOK_CONTENDED', 'The resource changed each time upstream was asked for it; try again', {
    details: { connectorId, resourceType, externalId },
  })
