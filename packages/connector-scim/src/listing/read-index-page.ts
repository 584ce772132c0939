import { randomUUID } from 'node:crypto'
import { SyncError } from '@syncline/core'
import { readMember } from '../protocol/read-member.ts'
import { requestList } from '../protocol/scim-requests.ts'
import { judgePage, startOf } from './judge-page.ts'
import type { ItemPage, ListCall } from './list-call.ts'
import type { IndexPlace, ListCursor, ListingPlan } from './list-cursor.ts'
import { listQuery, pageSizeOf } from './list-query.ts'
import { addIds } from './seen-ids.ts'

interface IndexCursor {
  readonly plan: ListingPlan
  readonly place: IndexPlace
}

/** Where a listing by `startIndex` begins. */
export function firstIndexPlace({ call, seenIds }: ListCall, plan: ListingPlan, pass = 1): IndexPlace {
  const session = randomUUID()
  const stable = plan.sorted || call.config.stableOrder
  if (!stable) seenIds.begin(session)
  return { paging: 'index', pass, session, stable, next: 1, overlap: [], total: 0, met: 0 }
}

/**
 * Reads a page by `startIndex`. Where it shows that a record may have been passed over, the listing begins again in
 * the same generation: what was seen stays seen.
 * @throws DELTA_EXPIRED when no pass could be proven complete
 */
export async function readIndexPage(listing: ListCall, cursor: IndexCursor): Promise<ItemPage> {
  const { call, type, seenIds } = listing
  const { plan, place } = knownHere(listing, cursor)
  const { count, ...query } = listQuery(listing, plan, pageSizeOf(listing) + place.overlap.length)
  const startIndex = startOf(place)
  const { resources, total } = await requestList(call, type.settings(call.config).endpoint, {
    startIndex,
    count,
    ...query,
  })
  if (total === undefined) throw noTotal(type.settings(call.config).endpoint)
  const ids = resources.map((item, index) => idOf(item) ?? `#${startIndex + index}`)
  const seen = seenOf(listing, place)
  if (!place.stable) addIds(seen, ids)

  const known = new Set(place.overlap)
  const items = resources.filter((_, index) => !known.has(ids[index] ?? ''))
  const verdict = judgePage(place, { ids, total, seen }, plan.sorted)
  if (verdict.kind === 'more') return { items, total, next: { plan, place: verdict.place } }
  seenIds.end(place.session)
  if (verdict.kind === 'end') return { items, total, next: undefined }
  const again = { ...plan, sorted: plan.sorted && verdict.unsorted !== true }
  return { items, total, next: beginAgain(listing, { plan: again, place }, verdict.reason) }
}

/** Only the process that read a pass can tell that nothing came twice in it. */
function knownHere(listing: ListCall, cursor: IndexCursor): IndexCursor {
  const { stable, session, met } = cursor.place
  if (stable || listing.seenIds.upTo(session, met)) return cursor
  return beginAgain(listing, cursor, 'another process read the pages before')
}

const seenOf = ({ seenIds }: ListCall, { stable, session, met }: IndexPlace): Set<string> =>
  (stable ? undefined : seenIds.upTo(session, met)) ?? new Set()

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

function idOf(item: unknown): string | undefined {
  const id = readMember(item, 'id')
  return typeof id === 'string' && id !== '' ? id : undefined
}

const noTotal = (endpoint: string): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The answer of ${endpoint} has no totalResults (RFC 7644, section 3.4.2)`,
    {
      details: { failureType: 'system' },
    },
  )
