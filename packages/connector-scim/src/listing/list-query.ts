import type { ListQuery } from '../protocol/scim-requests.ts'
import type { ListCall } from './list-call.ts'
import type { ListingPlan } from './list-cursor.ts'

/** What all pages of a listing are asked with. */
export function listQuery(
  { call, type }: ListCall,
  plan: ListingPlan,
  pageSize: number,
): ListQuery & { readonly count: number } {
  const { modifiedSince } = call.request
  const { filter, attributes, excludedAttributes } = type.settings(call.config)
  const since = plan.timeFilter && modifiedSince !== undefined ? changedSince(modifiedSince) : undefined
  return {
    count: Math.min(pageSize, plan.maxResults ?? pageSize),
    filter: since === undefined || filter === undefined ? (since ?? filter) : `(${filter}) and ${since}`,
    sortBy: plan.sorted ? 'id' : undefined,
    attributes: attributes?.join(','),
    excludedAttributes: excludedAttributes?.join(','),
  }
}

/** How many records to ask for. */
export const pageSizeOf = ({ call, type }: ListCall): number =>
  Math.min(call.request.pageSize, type.maxPageSize)

/**
 * Inclusive, in whole seconds: an earlier instant lists more, and some servers do not read fractions. Instants are
 * quoted (RFC 7644, section 3.4.2.2).
 */
export const changedSince = (instant: string): string =>
  `meta.lastModified ge "${new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z')}"`
