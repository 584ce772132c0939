import type { ListingContract } from './listing-contract.ts'
import { decodeToken } from './page-token.ts'
import type { CheckedPageAsked } from './parse-contract.ts'

/** Where a page is in its listing. */
export interface PageLocation {
  /** From 1. */
  readonly page: number
  readonly offset: number
  /** The most records of a page, as asked or as upstream has it. */
  readonly limit: number
  readonly modifiedSince: string | undefined
}

export interface LocateRequest {
  readonly resourceType: string
  readonly listing: ListingContract
  readonly asked: CheckedPageAsked
  /** Where a request does not say how many records it wants. */
  readonly pageSize: number
}

/** @throws Error saying what is wrong with the request */
export function locatePage({ resourceType, listing, asked, pageSize }: LocateRequest): PageLocation {
  const limit = Math.min(asked.limit ?? pageSize, listing.maxPageSize ?? Number.POSITIVE_INFINITY)
  const since = asked.modifiedSince?.toISOString()
  if (asked.token != null) {
    const position = decodeToken(asked.token)
    if (position?.resourceType !== resourceType) {
      throw new Error(`the token ${JSON.stringify(asked.token)} was never given for this listing`)
    }
    const { page, offset, modifiedSince } = position
    return { page, offset, limit, modifiedSince: since ?? modifiedSince ?? undefined }
  }
  if (asked.page != null) {
    if (asked.page === 0) throw new Error('pages are counted from 1')
    return { page: asked.page, offset: (asked.page - 1) * limit, limit, modifiedSince: since }
  }
  const offset = asked.offset ?? 0
  return { page: Math.floor(offset / Math.max(1, limit)) + 1, offset, limit, modifiedSince: since }
}
