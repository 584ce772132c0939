import type { ResourceRef } from './scope.ts'

/** What happened to a resource. */
export const changeKinds = ['created', 'updated', 'restored', 'staled', 'removed'] as const

/** What happened to a resource. */
export type ChangeKind = (typeof changeKinds)[number]

/** One entry of the ordered change log. */
export interface Change extends ResourceRef {
  /** Gapless within the scope, from 1, in commit order. */
  readonly position: number
  readonly kind: ChangeKind
  readonly resourceId: string
  /** The run that made the change; absent for a direct write, such as a webhook's. */
  readonly runId?: string | undefined
  readonly at: Date
}
