import type { QuarantinedRecord } from '../model/quarantine.ts'
import type { Scope } from '../model/scope.ts'

/** The records that could not be kept. Written by `ResourceStore.commitPage`. */
export interface QuarantineStore {
  /** Newest first. */
  list(request: {
    readonly scope: Scope
    readonly limit: number
    readonly offset?: number
  }): Promise<readonly QuarantinedRecord[]>
  count(scope: Scope): Promise<number>
}
