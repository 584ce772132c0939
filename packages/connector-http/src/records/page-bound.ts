import { SyncError } from '@syncline/core'

/** What a page was asked for with. */
export interface PageBound {
  readonly pageSize: number
  /** The most records a page may hold. @default ten times `pageSize`, and at least 10,000 */
  readonly maxPageRecords?: number | undefined
}

/**
 * Checks that a page does not hold very many records, before they cost memory.
 * @throws CONNECTOR_ANSWER_INVALID
 */
export function checkPageRecords(
  records: { readonly length: number },
  { pageSize, maxPageRecords = Math.max(10 * pageSize, 10_000) }: PageBound,
): void {
  if (records.length <= maxPageRecords) return
  throw new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `Upstream sent ${records.length} records in one page of ${pageSize}; at most ${maxPageRecords} are read. Set a larger pageSize if that many are right`,
    { details: { records: records.length, limit: maxPageRecords, failureType: 'system' } },
  )
}
