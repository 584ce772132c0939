import type { PageCommit, PreparedRecord } from '@syncline/core'
import type { LockedScope } from '../scope-lock.ts'
import type { PartAhead } from './pages-ahead.ts'

/** Some of a page's records, few enough for one statement. */
export interface PagePart {
  readonly commit: PageCommit
  readonly scope: LockedScope
  /** From 0. */
  readonly number: number
  readonly records: readonly PreparedRecord[]
  readonly ahead: PartAhead | undefined
}
