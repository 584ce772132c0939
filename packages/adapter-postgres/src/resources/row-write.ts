import type { PreparedRecord } from '@syncline/core'

/** A record with the id of its row. */
export interface RowWrite extends PreparedRecord {
  readonly resourceId: string
}
