import type { JsonObject } from './json.ts'
import type { ResourceRef } from './scope.ts'

/**
 * create, deactivate and reactivate change a user; link, skip and unlink are an operator's decision about a match row.
 */
export const actionKinds = ['create', 'deactivate', 'reactivate', 'link', 'skip', 'unlink'] as const

export type ActionKind = (typeof actionKinds)[number]

/**
 * ```
 * intended → done        it was carried out
 *          → failed      the directory refused it: see the problem
 *          → abandoned   it was never carried out, and its process died or its cause is gone
 * ```
 */
export type ActionStatus = 'intended' | 'done' | 'failed' | 'abandoned'

/** One entry of the journal of everything that was done to users and links. Never changed once it is settled. */
export interface LifecycleAction extends ResourceRef {
  /** A UUID; directories know the action by it, which is what makes repeating it safe. */
  readonly actionId: string
  /** Tenant of the connector when the action was recorded: `userId` is a user of this tenant. */
  readonly tenantId: string
  readonly kind: ActionKind
  readonly status: ActionStatus
  /** Known from the start, but for `create`. */
  readonly userId?: string | undefined
  /** The incarnation of the resource that was the cause. */
  readonly connectorResourceId: string
  /** Since when the resource of a deactivation has been stale; absent when it was gone. */
  readonly staleSince?: Date | undefined
  /** `post-sync`, or the id of the operator. */
  readonly by: string
  /** Why, for a person to read. */
  readonly reason: string
  /** The post-sync run it belongs to; absent for an operator's own. */
  readonly runId?: string | undefined
  /** What it changes, as it was. */
  readonly before: JsonObject
  /** The same afterwards, or as it is meant to be. */
  readonly after: JsonObject
  /** The action that this one takes back. */
  readonly undoes?: string | undefined
  readonly problem?: { readonly code: string; readonly message: string } | undefined
  /** Order of recording, from 1, over all scopes; may have gaps. */
  readonly position: number
  readonly at: Date
  readonly settledAt?: Date | undefined
}
