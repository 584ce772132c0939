import type { PreparedRecord } from '@syncline/core'
import type { ChangedResource } from '../changes.ts'

/** A record with the id of its row. */
export interface RowWrite extends ChangedResource {
  readonly record: PreparedRecord
}

export const rowWrite = (record: PreparedRecord, resourceId: string): RowWrite => ({
  resourceId,
  externalId: record.externalId,
  record,
})
