import type { FaultEffect } from '../upstream/fault-effect.ts'
import type { PageGiven } from './listing-contract.ts'
import type { PageLocation } from './locate-page.ts'
import { encodeToken } from './page-token.ts'
import type { ServedEntry } from './served-entry.ts'

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
  const nextPage = { resourceType, page: page + 1, offset: after, modifiedSince: modifiedSince ?? null }
  const next = { token: encodeToken(nextPage), offset: after, page: page + 1 }
  const more = after < entries.length
  return { items, offset, page, limit, total: entries.length, ...(more && { next }) }
}
