import { isSyncError, SyncError, type UpstreamRecord } from '@syncline/core'
import { AndFilter, type Filter, GreaterThanEqualsFilter, OrFilter } from 'ldapts'
import type { LdapConnection } from '../connection/ldap-connection.ts'
import { resultCodes } from '../connection/result-error.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { type FoundPage, type Search, type Searcher, searchPage } from '../directory/search.ts'
import { recordId } from '../records/record-id.ts'
import { generalizedTime } from '../values/generalized-time.ts'
import { requireReadableTimes } from './change-times.ts'
import type { ListCall } from './list-call.ts'
import type { OpenListing } from './open-listings.ts'
import { judgeReferences } from './references.ts'

/** Records of a page and what the next one is asked with. */
interface RecordPage {
  readonly resources: readonly UpstreamRecord[]
  readonly cookie: Buffer | undefined
  readonly total: number | undefined
}

/** Reads the page a listing stands at. */
export async function readPage(call: ListCall, listing: OpenListing): Promise<RecordPage> {
  const { request, context, map, type } = call
  const { config } = context
  const search = searchOf(call)
  const found = await findPage(call, listing, search)
  judgeReferences(context, found.references)
  warnOfUnreadableIds(call, found.entries)
  const lookups = searcherOn(call, listing.lookups)
  const incremental = request.modifiedSince !== undefined
  if (incremental && listing.page === 1 && found.entries.length === 0 && found.cookie === undefined) {
    await requireReadableTimes(lookups, { entries: map[type.resourceType], times: map.changedAttributes })
  }
  const place = { searcher: lookups, map, baseDn: config.baseDn, memory: listing.memory }
  const resources = await type.toRecords({ entries: found.entries, place, config, incremental })
  return { resources, cookie: found.cookie, total: found.total }
}

/** The engine quarantines records without an id one by one; that the attribute is read as the wrong kind shows only here. */
function warnOfUnreadableIds({ context, map, type }: ListCall, entries: readonly LdapEntry[]): void {
  const { id } = map
  const unreadable = entries.filter(
    (entry) => entry.values(id.from).length > 0 && recordId(entry, id) === undefined,
  )
  if (unreadable.length === 0) return
  const { connectorId, logger } = context
  const fields = {
    connectorId,
    resourceType: type.resourceType,
    attribute: id.from,
    count: unreadable.length,
  }
  logger.warn(
    fields,
    `LDAP entries have an id that is not one value of the kind "${id.as}"; name the kind: idAttribute: { from, as }`,
  )
}

function searchOf({ request, map, type }: ListCall): Search {
  const { baseDn, scope, filter } = map[type.resourceType]
  const { modifiedSince } = request
  return {
    baseDn,
    scope,
    filter: modifiedSince === undefined ? filter : changedSince(filter, map.changedAttributes, modifiedSince),
    attributes: [...new Set(type.sources(map))],
  }
}

/** Some servers set the time of the last change only once there was one after the entry was made: either counts. */
function changedSince(filter: Filter, attributes: readonly string[], modifiedSince: string): Filter {
  const value = generalizedTime(modifiedSince)
  const filters = attributes.map((attribute) => new GreaterThanEqualsFilter({ attribute, value }))
  return new AndFilter({ filters: [filter, new OrFilter({ filters })] })
}

const searcherOn = ({ request, context }: ListCall, connection: LdapConnection): Searcher => ({
  connection,
  timeoutMs: context.config.timeoutMs,
  signal: request.signal,
})

/** What servers answer to a cookie they no longer know: OpenLDAP 2 or 53, Active Directory 12 or 53. */
const cookieRefusals: readonly number[] = [
  resultCodes.protocolError,
  resultCodes.unavailableCriticalExtension,
  resultCodes.unwillingToPerform,
]

async function findPage(call: ListCall, listing: OpenListing, search: Search): Promise<FoundPage> {
  const { cookie } = listing
  const page = { size: Math.min(call.request.pageSize, call.type.maxPageSize), cookie }
  try {
    return await searchPage(searcherOn(call, listing.connection), search, page)
  } catch (error) {
    const refused = isSyncError(error) && cookieRefusals.some((code) => code === error.details?.resultCode)
    if (cookie === undefined || !refused) throw error
    // Worth another try: that one finds the listing gone and begins it again.
    throw new SyncError(
      'UPSTREAM_UNAVAILABLE',
      `The LDAP server forgot where the listing stood: ${error.message}`,
      {
        cause: error,
      },
    )
  }
}
