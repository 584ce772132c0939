import type { QuarantinedRecord } from '../model/quarantine.ts'

/** Whose entries: of a scope, or of all of a connector. */
export interface QuarantineQuery {
  readonly connectorId: string
  readonly resourceType?: string | undefined
}

/** The records that could not be kept. Written by `ResourceStore.commitPage`. */
export interface QuarantineStore {
  /** Newest first. */
  list(request: {
    readonly scope: QuarantineQuery
    readonly limit: number
    readonly offset?: number | undefined
    /** Only entries older than this one, which need not be there any more: stable pages. */
    readonly before?: number | undefined
  }): Promise<readonly QuarantinedRecord[]>
  count(scope: QuarantineQuery): Promise<number>
}
