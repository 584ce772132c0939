import type { JsonObject } from './json.ts'
import type { ParentRef, ResourceRef } from './scope.ts'

/** What the store keeps of an upstream object. */
export interface Resource extends ResourceRef {
  /** Our own id, a UUID; survives going stale and coming back. */
  readonly resourceId: string
  readonly displayName: string
  readonly email: string | null
  readonly attributes: JsonObject
  readonly parent?: ParentRef | undefined
  readonly hash: string
  /** Set while the resource is stale: a complete full pass did not see it. */
  readonly staleSince?: Date | undefined
  /** When upstream last confirmed the resource; derived, so that unchanged rows are not rewritten. */
  readonly syncedAt: Date
  readonly createdAt: Date
}
