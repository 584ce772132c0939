import { ok } from 'node:assert/strict'
import type {
  EventDecision,
  EventMark,
  EventState,
  PreparedRecord,
  ResourceRef,
  Scope,
  Store,
  TakenEvent,
  WebhookStore,
} from '@syncline/core'
import { record, staff, tenantId } from './builders.ts'

/** The store's webhooks, which must be there. */
export function webhooksOf(store: Store): WebhookStore {
  ok(store.webhooks, 'the store must take webhooks in')
  return store.webhooks
}

export const refOf = (externalId: string, { connectorId, resourceType }: Scope = staff): ResourceRef => ({
  connectorId,
  resourceType,
  externalId,
})

/** Decides to store a record. */
export const upsert = (kept: PreparedRecord, mark: EventMark = {}): EventDecision => ({
  kind: 'take',
  write: { kind: 'upsert', record: kept },
  mark,
})

/** Decides to remove the resource. */
export const removal = (mark: EventMark = {}): EventDecision => ({
  kind: 'take',
  write: { kind: 'remove' },
  mark,
})

let messagesMade = 0

const nextMessageId = (): string => `message-${(messagesMade += 1)}`

/** Takes an event in under a message id of its own. */
export const take = (
  store: Store,
  ref: ResourceRef,
  decide: EventDecision | ((state: EventState) => EventDecision),
): Promise<TakenEvent> =>
  webhooksOf(store).takeEvent({ ...ref, tenantId, messageId: nextMessageId() }, (state) =>
    typeof decide === 'function' ? decide(state) : decide,
  )

/** What the store knows of a resource; nothing is written. */
export async function look(store: Store, ref: ResourceRef): Promise<EventState> {
  let seen: EventState | undefined
  await take(store, ref, (state) => {
    seen = state
    return { kind: 'defer' }
  })
  ok(seen, 'decide must be called')
  return seen
}

/** Takes the record of an id in. */
export const takeRecord = (store: Store, externalId: string, mark: EventMark = {}): Promise<TakenEvent> =>
  take(store, refOf(externalId), upsert(record(externalId), mark))
