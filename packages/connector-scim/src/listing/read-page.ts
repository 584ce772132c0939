import type { ItemPage, ListCall } from './list-call.ts'
import type { ListCursor } from './list-cursor.ts'
import { readCursorPage } from './read-cursor-page.ts'
import { readIndexPage } from './read-index-page.ts'

/** Reads the page at a place. */
export async function readPage(listing: ListCall, { plan, place }: ListCursor): Promise<ItemPage> {
  return place.paging === 'cursor'
    ? readCursorPage(listing, { plan, place })
    : readIndexPage(listing, { plan, place })
}
