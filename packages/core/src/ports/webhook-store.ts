import type { Owner } from '../model/owner.ts'
import type { PreparedRecord } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { EventMark } from '../model/webhook.ts'
import type { UpsertOutcome } from './resource-store.ts'

/** Names one message of a sender, whatever it is about. */
export interface MessageId {
  readonly connectorId: string
  /** 1 to 255 characters. */
  readonly messageId: string
}

/** What a store knows of a resource at the instant an event is to be applied. */
export interface EventState {
  /** The store's own time. */
  readonly now: Date
  readonly resource?: Resource | undefined
  /** What the newest event said of its place, and when it was applied, by store time. */
  readonly mark?: (EventMark & { readonly at: Date }) | undefined
  /** Differs after every change of the resource's content, its staleness or its mark; equal while there was none. */
  readonly revision: string
}

/** What core decides from that. */
export type EventDecision =
  /** Not yet: nothing is written, the message counts as not received. */
  | { readonly kind: 'defer' }
  | {
      readonly kind: 'take'
      /** Absent: the resource stays as it is. */
      readonly write?:
        | { readonly kind: 'upsert'; readonly record: PreparedRecord }
        | { readonly kind: 'remove' }
        | undefined
      /** Replaces the mark, as of now; absent: the mark stays. */
      readonly mark?: EventMark | undefined
    }

/** What became of a message. */
export type TakenEvent =
  /** It was taken before; nothing was written this time. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'deferred'; readonly revision: string }
  /** `absent`: there was nothing to remove. `none`: nothing was to be written. */
  | { readonly kind: 'taken'; readonly outcome: UpsertOutcome | 'removed' | 'absent' | 'none' }

/**
 * What came by webhook: message ids, so that a message has one effect however often it is delivered, and marks, so
 * that an older event never overtakes a newer one, also not one that removed its resource. Both outlive their
 * resources, message ids also their connectors, until they are pruned or another tenant makes a connector of the same id.
 */
export interface WebhookStore {
  /**
   * Takes one event in: unless the message id was noted before, reads the state, calls `decide` (pure, synchronous,
   * perhaps called again when the store retries) and does what it says: the write, with its change and as confirmed
   * now, the mark, and the noted message id, in one transaction under the scope's lock. Of any number of deliveries in
   * any number of processes one is taken. When it throws, or `decide` does, nothing was written; repeating it is safe.
   * `tenantId` is the tenant whose secret the message was verified with.
   * @throws CONNECTOR_NOT_FOUND, also when the connector belongs to another tenant by now; what `decide` throws
   */
  takeEvent(
    request: ResourceRef & MessageId & Owner,
    decide: (state: EventState) => EventDecision,
  ): Promise<TakenEvent>
  /** Whether a message id was noted. */
  noted(message: MessageId): Promise<boolean>
  /** Notes a message id. False when it was noted before; of callers at the same time one gets true. */
  note(message: MessageId): Promise<boolean>
  /**
   * Forgets up to `limit` message ids and up to `limit` marks older than `olderThanMs` by store time, and answers how
   * many. Events that are being taken in are not waited for.
   */
  prune(request: {
    readonly olderThanMs: number
    readonly limit: number
  }): Promise<{ readonly count: number; readonly done: boolean }>
}
