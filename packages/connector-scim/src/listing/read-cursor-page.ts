import { SyncError } from '@syncline/core'
import { requestList } from '../protocol/scim-requests.ts'
import type { ItemPage, ListCall } from './list-call.ts'
import type { CursorPlace, ListingPlan } from './list-cursor.ts'
import { listQuery, pageSizeOf } from './list-query.ts'

export const firstCursorPlace: CursorPlace = { paging: 'cursor', cursor: '', received: 0 }

/**
 * Reads a page by upstream's own cursor (RFC 9865). An answer without the next one is the end, unless upstream counts
 * more than it gave: servers that do not know cursors take no notice of them.
 * @throws DELTA_EXPIRED when upstream no longer knows the cursor; CONNECTOR_ANSWER_INVALID
 */
export async function readCursorPage(
  listing: ListCall,
  { plan, place }: { readonly plan: ListingPlan; readonly place: CursorPlace },
): Promise<ItemPage> {
  const { call, type } = listing
  const { endpoint } = type.settings(call.config)
  const query = listQuery(listing, plan, pageSizeOf(listing))
  const { resources, total, nextCursor } = await requestList(call, endpoint, {
    cursor: place.cursor,
    ...query,
  })
  const received = place.received + resources.length
  const totals = [place.leastTotal, total].filter((one) => one !== undefined)
  const leastTotal = totals.length === 0 ? undefined : Math.min(...totals)
  if (nextCursor !== undefined) {
    return {
      items: resources,
      total,
      next: { plan, place: { ...place, cursor: nextCursor, received, leastTotal } },
    }
  }
  if (received >= (leastTotal ?? 0)) return { items: resources, total, next: undefined }
  throw new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `${endpoint} gave ${received} of ${leastTotal} records and no next cursor; if the server has no cursors, set supports.cursorPaging to false`,
    { details: { received, total: leastTotal ?? 0, failureType: 'system' } },
  )
}
