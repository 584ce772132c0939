import { mapRecord } from '@syncline/connector-http'
import type { ListAnswer, UpstreamRecord } from '@syncline/core'
import pLimit from 'p-limit'
import { isObject } from '../protocol/read-member.ts'
import { readFirstPage } from './first-page.ts'
import type { ListCall } from './list-call.ts'
import { formatCursor, parseCursor } from './list-cursor.ts'
import { readPage } from './read-page.ts'

/** Lists a page. */
export async function listPage(listing: ListCall): Promise<ListAnswer> {
  const { cursor } = listing.call.request
  const page =
    cursor === undefined ? await readFirstPage(listing) : await readPage(listing, parseCursor(cursor))
  return {
    success: true,
    payload: {
      resources: await toRecords(listing, page.items),
      nextCursor: page.next && formatCursor(page.next),
      totalEstimate: page.total,
    },
  }
}

const completingAtOnce = 4

async function toRecords(
  { type, call }: ListCall,
  items: readonly unknown[],
): Promise<readonly UpstreamRecord[]> {
  const atOnce = pLimit(completingAtOnce)
  const whole = await Promise.all(
    items.map((item) => (isObject(item) ? atOnce(() => type.complete(item, call)) : item)),
  )
  return whole.map((item) => mapRecord((known) => type.toRecord(known, call.config), item))
}
