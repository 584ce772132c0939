import { randomUUID } from 'node:crypto'
import { SyncError } from '@syncline/core'
import { readId } from '../protocol/read-member.ts'
import { requestList } from '../protocol/scim-requests.ts'
import { judgePage, startOf } from './judge-page.ts'
import type { ItemPage, ListCall } from './list-call.ts'
import type { IndexPlace, ListingPlan } from './list-cursor.ts'
import { listQuery, pageSizeOf } from './list-query.ts'

interface IndexCursor {
  readonly plan: ListingPlan
  readonly place: IndexPlace
}

/** Where a listing by `startIndex` begins. */
export function firstIndexPlace({ call }: ListCall, plan: ListingPlan, pass = 1): IndexPlace {
  const stable = plan.sorted || call.config.stableOrder
  return { paging: 'index', pass, session: randomUUID(), stable, next: 1, overlap: [], total: 0, met: 0 }
}

/**
 * Reads a page by `startIndex`. Where it shows that a record may have been passed over, the listing begins again in
 * the same generation: what was seen stays seen.
 * @throws DELTA_EXPIRED when no pass could be proven complete
 */
export async function readIndexPage(listing: ListCall, cursor: IndexCursor): Promise<ItemPage> {
  const { call, type, seenIds } = listing
  const { plan, place, seen } = resume(listing, cursor)
  const { endpoint } = type.settings(call.config)
  const { count, ...query } = listQuery(listing, plan, pageSizeOf(listing) + place.overlap.length)
  const startIndex = startOf(place)
  const { resources, total } = await requestList(call, endpoint, { startIndex, count, ...query })
  if (total === undefined) throw noTotal(endpoint)
  const ids = resources.map((item, index) => readId(item) ?? `#${startIndex + index}`)
  if (!place.stable) for (const id of ids) seen.add(id)

  const known = new Set(place.overlap)
  const items = resources.filter((_, index) => !known.has(ids[index] ?? ''))
  const verdict = judgePage(place, { ids, total, seen }, plan.sorted)
  if (verdict.kind === 'more') {
    if (!place.stable) seenIds.keep(place.session, seen)
    return { items, total, next: { plan, place: verdict.place } }
  }
  seenIds.forget(place.session)
  if (verdict.kind === 'end') return { items, total, next: undefined }
  const again = { ...plan, sorted: plan.sorted && verdict.unsorted !== true }
  return { items, total, next: beginAgain(listing, { plan: again, place }, verdict.reason) }
}

/** Only the process that read a pass can tell that nothing came twice in it. */
function resume(listing: ListCall, cursor: IndexCursor): IndexCursor & { readonly seen: Set<string> } {
  const { stable, session, met } = cursor.place
  const seen = stable ? new Set<string>() : listing.seenIds.read(session, met)
  if (seen) return { ...cursor, seen }
  const again = beginAgain(listing, cursor, 'the pages before were read by another process, or are forgotten')
  return { ...again, seen: new Set() }
}

function beginAgain(listing: ListCall, { plan, place }: IndexCursor, reason: string): IndexCursor {
  const { call, type } = listing
  const { connectorId } = call.context
  const { resourceType } = type
  if (place.pass >= call.config.maxPasses) {
    throw new SyncError(
      'DELTA_EXPIRED',
      `The listing of ${resourceType}s was begun ${place.pass} times and none is known to be complete: ${reason}`,
      { details: { passes: place.pass, reason } },
    )
  }
  call.context.logger.warn(
    { connectorId, resourceType, pass: place.pass, reason },
    'a SCIM listing may have passed records over: it begins again',
  )
  return { plan, place: firstIndexPlace(listing, plan, place.pass + 1) }
}

const noTotal = (endpoint: string): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The answer of ${endpoint} has no totalResults (RFC 7644, section 3.4.2)`,
    {
      details: { failureType: 'system' },
    },
  )
