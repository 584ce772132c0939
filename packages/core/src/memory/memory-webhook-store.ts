import type { Owner } from '../model/owner.ts'
import type { ResourceRef } from '../model/scope.ts'
import type {
  EventDecision,
  EventState,
  MessageId,
  TakenEvent,
  WebhookStore,
} from '../ports/webhook-store.ts'
import { toResource } from './find-rows.ts'
import { type MemoryState, openOwnedScope, type ScopeData } from './memory-state.ts'
import { removeOne, upsertOne } from './write-one.ts'

/** Message ids and marks as Maps. Single-threaded JavaScript makes each method exclusive. */
export function memoryWebhookStore(state: MemoryState): WebhookStore {
  return {
    takeEvent: async (request, decide) => takeEvent(state, request, decide),
    noted: async ({ connectorId, messageId }) => state.messages.get(connectorId)?.has(messageId) ?? false,
    note: async (message) => note(state, message),
    async prune({ olderThanMs, limit }) {
      const until = state.now() - olderThanMs
      const marks = [...state.connectors.values()].flatMap(({ scopes }) =>
        [...scopes.values()].map(({ marks: ofScope }) => prune(ofScope, ({ at }) => at < until, limit)),
      )
      const messages = [...state.messages.values()].map((ofConnector) =>
        prune(ofConnector, (at) => at < until, limit),
      )
      const pruned = [...marks, ...messages]
      return {
        count: pruned.reduce((sum, { count }) => sum + count, 0),
        done: pruned.every(({ done }) => done),
      }
    },
  }
}

function takeEvent(
  state: MemoryState,
  request: ResourceRef & MessageId & Owner,
  decide: (state: EventState) => EventDecision,
): TakenEvent {
  const { connectorId, resourceType, externalId, messageId, tenantId } = request
  const ref = { connectorId, resourceType, externalId }
  const data = openOwnedScope(state, { ...ref, tenantId })
  if (state.messages.get(connectorId)?.has(messageId)) return { kind: 'repeated' }
  const seen = eventState(state, data, ref)
  const decision = decide(seen)
  if (decision.kind === 'defer') return { kind: 'deferred', revision: seen.revision }
  const { write, mark } = decision
  const outcome =
    write === undefined
      ? 'none'
      : write.kind === 'upsert'
        ? upsertOne(state, { scope: ref, record: write.record })
        : removeOne(state, ref)
          ? 'removed'
          : 'absent'
  if (mark) {
    const { version, occurredAt, isLowerBound } = mark
    const revision = (data.marks.get(externalId)?.revision ?? 0) + 1
    data.marks.set(externalId, {
      revision,
      at: state.now(),
      ...(version !== undefined && { version }),
      ...(occurredAt && { occurredAt: new Date(occurredAt) }),
      ...(isLowerBound === true && { isLowerBound }),
    })
  }
  note(state, { connectorId, messageId })
  return { kind: 'taken', outcome }
}

function eventState(state: MemoryState, data: ScopeData, ref: ResourceRef): EventState {
  const row = data.rows.get(ref.externalId)
  const kept = data.marks.get(ref.externalId)
  const { revision = 0, at, ...mark } = kept ?? {}
  return {
    now: new Date(state.now()),
    revision: `${revision} ${row?.hash ?? ''} ${row?.staleSince ?? ''}`,
    ...(row && { resource: toResource(ref, data, row) }),
    ...(at !== undefined && { mark: { ...mark, at: new Date(at) } }),
  }
}

function note(state: MemoryState, { connectorId, messageId }: MessageId): boolean {
  const messages = state.messages.get(connectorId) ?? new Map<string, number>()
  state.messages.set(connectorId, messages)
  if (messages.has(messageId)) return false
  messages.set(messageId, state.now())
  return true
}

/** Removes up to `limit` entries that are old. */
function prune<Value>(
  entries: Map<string, Value>,
  isOld: (value: Value) => boolean,
  limit: number,
): { readonly count: number; readonly done: boolean } {
  let count = 0
  for (const [key, value] of entries) {
    if (!isOld(value)) continue
    if (count >= limit) return { count, done: false }
    entries.delete(key)
    count += 1
  }
  return { count, done: true }
}
