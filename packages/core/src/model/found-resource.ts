import type { JsonObject } from './json.ts'
import type { ParentRef, ResourceRef } from './scope.ts'

/** What a look-up found. Callers at the same time share it: treat it as read-only. */
export interface FoundResource extends ResourceRef {
  readonly displayName: string
  readonly email: string | null
  readonly attributes: JsonObject
  readonly parent?: ParentRef | undefined
}
