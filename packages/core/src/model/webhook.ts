import type { JsonObject } from './json.ts'
import type { ParentRef } from './scope.ts'

/** What a webhook can say that happened to an upstream object. */
export const webhookActions = ['created', 'updated', 'deleted'] as const

/** What a webhook can say that happened to an upstream object. */
export type WebhookAction = (typeof webhookActions)[number]

/** The record as a webhook tells it. What is left out stays as it is stored. */
export interface WebhookData {
  readonly displayName?: string | undefined
  readonly email?: string | null | undefined
  /** All of them: they are replaced as a whole. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  readonly parent?: ParentRef | null | undefined
}

/** Something happened to one upstream object. The body of a webhook, unless its connector type reads another one. */
export interface ResourceEvent {
  readonly action: WebhookAction
  readonly resourceType: string
  /** The upstream's own id, `externalId` of the resource. */
  readonly resourceId: string
  /** Left out: the connector's `get` is asked. Not looked at when `deleted`. */
  readonly data?: WebhookData | undefined
  /** When it happened upstream, ISO 8601 with an offset; not when the message was sent. */
  readonly occurredAt?: string | undefined
  /** A whole number that grows with every change of the resource. Counts before `occurredAt`. */
  readonly version?: number | undefined
}

/** Position of an event, or of the stored state, among the events of one resource. */
export interface EventMark {
  readonly version?: number | undefined
  readonly occurredAt?: Date | undefined
  /**
   * True: the stored state may be newer than `version` and `occurredAt`, for example because upstream was asked for it.
   * An event before the mark is older. An event after the mark is not proven to be newer.
   */
  readonly isLowerBound?: boolean | undefined
}

/** A verified webhook that names no resource type. */
export interface WebhookMessage {
  readonly connectorId: string
  readonly tenantId: string
  /** The same for every delivery of the message. */
  readonly messageId: string
  /** Members named `__proto__`, `constructor` or `prototype` are dropped at every depth. */
  readonly payload: JsonObject
}

/**
 * What became of a verified webhook.
 * ```
 * applied    the store was changed
 * unchanged  the store had it already
 * outdated   a newer event was there before
 * excluded   a filter rule leaves the record out
 * repeated   this message was taken in before
 * forwarded  it names no resource type: the host's handler has it, or, without one, the log
 * ```
 */
export type WebhookOutcomeStatus =
  | 'applied'
  | 'unchanged'
  | 'outdated'
  | 'excluded'
  | 'repeated'
  | 'forwarded'
