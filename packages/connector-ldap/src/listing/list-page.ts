import { type ListAnswer, SyncError } from '@syncline/core'
import { beginListing } from './begin-listing.ts'
import type { ListCall } from './list-call.ts'
import { formatCursor, type ListCursor, parseCursor } from './list-cursor.ts'
import { closeListing } from './open-listings.ts'
import { readPage } from './read-page.ts'

/**
 * Lists a page. The connection of a listing is kept between its pages, in this process. Where it is gone, because the
 * run resumes elsewhere or the server hung up, the listing begins again from its first page, in the same generation:
 * records that come twice count once, and none can be passed over.
 * @throws DELTA_EXPIRED when that happened more than `maxRestarts` times
 */
export async function listPage(call: ListCall): Promise<ListAnswer> {
  const { request, listings } = call
  const cursor = request.cursor === undefined ? undefined : parseCursor(request.cursor)
  const waiting = cursor && listings.take(cursor)
  const restarts = waiting || cursor === undefined ? (cursor?.restarts ?? 0) : countRestart(call, cursor)
  const listing = waiting ?? (await beginListing(call))
  try {
    const { resources, cookie, total } = await readPage(call, listing)
    if (cookie === undefined) {
      closeListing(listing)
      return { success: true, payload: { resources } }
    }
    listing.page += 1
    listing.cookie = cookie
    listings.keep(listing)
    const nextCursor = formatCursor({ session: listing.session, page: listing.page, restarts })
    return { success: true, payload: { resources, nextCursor, totalEstimate: total } }
  } catch (error) {
    closeListing(listing)
    throw error
  }
}

function countRestart({ context, type }: ListCall, { page, restarts }: ListCursor): number {
  const { maxRestarts } = context.config
  if (restarts >= maxRestarts) {
    throw new SyncError(
      'DELTA_EXPIRED',
      `The listing of ${type.resourceType}s lost its connection ${restarts + 1} times; it ends here and a new one begins. Let a listing end within one run, or raise maxRestarts`,
      { details: { restarts } },
    )
  }
  context.logger.warn(
    { connectorId: context.connectorId, resourceType: type.resourceType, page, restarts: restarts + 1 },
    'the connection of an LDAP listing is gone: it begins again from its first page',
  )
  return restarts + 1
}
