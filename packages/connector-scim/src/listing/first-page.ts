import { isSyncError } from '@syncline/core'
import type { Capabilities } from '../protocol/capabilities.ts'
import { requestCapabilities, requestList } from '../protocol/scim-requests.ts'
import type { ItemPage, ListCall } from './list-call.ts'
import type { ListCursor, ListingPlan } from './list-cursor.ts'
import { changedSince } from './list-query.ts'
import { firstCursorPlace } from './read-cursor-page.ts'
import { firstIndexPlace } from './read-index-page.ts'
import { readPage } from './read-page.ts'

/** Finds out how upstream is listed and reads the first page. */
export async function readFirstPage(listing: ListCall): Promise<ItemPage> {
  const { call } = listing
  const capabilities = await requestCapabilities(call)
  const { modifiedSince } = call.request
  if (modifiedSince === undefined) return readFrom(listing, capabilities, false)
  if (!capabilities.filter) return everything(listing, capabilities, 'it does not support filters')
  const changed = await readChanged(listing, capabilities)
  return changed ?? everything(listing, capabilities, 'it does not filter by meta.lastModified')
}

function readFrom(listing: ListCall, capabilities: Capabilities, timeFilter: boolean): Promise<ItemPage> {
  const { cursorPaging, sort, maxResults } = capabilities
  const plan: ListingPlan = { timeFilter, sorted: sort && !cursorPaging, maxResults }
  const cursor: ListCursor = {
    plan,
    place: cursorPaging ? firstCursorPlace : firstIndexPlace(listing, plan),
  }
  return readPage(listing, cursor)
}

/** An incremental listing may list too much, but never too little. */
function everything(listing: ListCall, capabilities: Capabilities, why: string): Promise<ItemPage> {
  const { connectorId, logger } = listing.call.context
  const { resourceType } = listing.type
  logger.warn(
    { connectorId, resourceType, why },
    'the SCIM server cannot list what changed: everything is listed',
  )
  return readFrom(listing, capabilities, false)
}

/** Undefined when upstream cannot tell what changed. */
async function readChanged(listing: ListCall, capabilities: Capabilities): Promise<ItemPage | undefined> {
  try {
    const page = await readFrom(listing, capabilities, true)
    const nothing = page.items.length === 0 && page.next === undefined
    return nothing && !(await filtersByTime(listing)) ? undefined : page
  } catch (error) {
    if (refusesFilter(error)) return undefined
    throw error
  }
}

/** Some servers only say that the request is bad. */
function refusesFilter(error: unknown): boolean {
  if (!isSyncError(error, 'UPSTREAM_REJECTED')) return false
  const { status, scimType } = error.details ?? {}
  const saysSo = scimType === undefined || (typeof scimType === 'string' && /^invalidFilter$/i.test(scimType))
  return saysSo && (status === 400 || status === 501)
}

/** A server that takes no notice of `meta.lastModified` may answer that nothing changed, for ever. */
async function filtersByTime({ call, type }: ListCall): Promise<boolean> {
  const { endpoint } = type.settings(call.config)
  const filter = changedSince('1970-01-01T00:00:00.000Z')
  const everChanged = await requestList(call, endpoint, { count: 1, filter })
  if (hasAny(everChanged)) return true
  return !hasAny(await requestList(call, endpoint, { count: 1 }))
}

const hasAny = ({ resources, total = 0 }: Awaited<ReturnType<typeof requestList>>): boolean =>
  resources.length > 0 || total > 0
