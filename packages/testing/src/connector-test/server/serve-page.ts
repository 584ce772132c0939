import { z } from 'zod'
import type { FaultEffect } from '../../upstream/fault-effect.ts'
import type { ListingContract, PageGiven } from '../contract/listing-contract.ts'
import type { CheckedPageAsked } from '../contract/parse-contract.ts'
import type { ServedEntry } from './served-entry.ts'

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

/** Finds the page a request asks for. @throws Error saying what is wrong with the request */
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

export interface PageSource {
  readonly resourceType: string
  readonly entries: readonly ServedEntry[]
  readonly location: PageLocation
  /** Fewer records on a page than there could be: at most this many. */
  readonly shorten: number
  readonly effect: FaultEffect | undefined
}

/** Cuts the page out of the listing. */
export function cutPage(source: PageSource): Omit<PageGiven, 'url' | 'request'> {
  const { resourceType, location, shorten, effect } = source
  const { page, offset, limit, modifiedSince } = location
  const since = modifiedSince ?? ''
  const entries = source.entries.filter(({ updatedAt }) => updatedAt >= since)
  const length = effect?.kind === 'empty_page' ? 0 : Math.min(limit, shorten)
  const items = entries.slice(offset, offset + length).map(({ item }) => item)
  const after = offset + items.length
  const position = { resourceType, page: page + 1, offset: after, modifiedSince: modifiedSince ?? null }
  const next = { token: encodeToken(position), offset: after, page: page + 1 }
  const more = after < entries.length
  return { items, offset, page, limit, total: entries.length, ...(more && { next }) }
}

/** What a token stands for. */
const positionSchema = z.object({
  resourceType: z.string(),
  /** Of the page to come. */
  page: z.number(),
  offset: z.number(),
  modifiedSince: z.string().nullable(),
})
type TokenPosition = z.output<typeof positionSchema>

/** What clients forget to encode, or decode once too often. */
const awkward = '+/=&%25'

const encodeToken = (position: TokenPosition): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url') + awkward

/** Undefined when the text is no token that was given, byte for byte. */
function decodeToken(token: string): TokenPosition | undefined {
  if (!token.endsWith(awkward)) return undefined
  try {
    const text = Buffer.from(token.slice(0, -awkward.length), 'base64url').toString()
    return positionSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
