import type { PageCommit, PreparedRecord } from '@syncline/core'
import type { LockedScope } from '../scope-lock.ts'

/** Some of a page's records, few enough for one statement. */
export interface PagePart {
  readonly commit: PageCommit
  readonly scope: LockedScope
  /** From 0. */
  readonly number: number
  readonly records: readonly PreparedRecord[]
}
