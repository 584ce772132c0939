import { mapInTurns } from '@syncline/connector-http'
import type { ListAnswer, UpstreamRecord } from '@syncline/core'
import pLimit from 'p-limit'
import { isObject, type ScimObject } from '../protocol/read-member.ts'
import { readFirstPage } from './first-page.ts'
import type { ListCall } from './list-call.ts'
import { formatCursor, parseCursor } from './list-cursor.ts'
import { readPage } from './read-page.ts'
import { toRecord } from './to-record.ts'

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
  const complete = async (item: ScimObject): Promise<ScimObject> => {
    try {
      return await type.complete(item, call)
    } catch (error) {
      // Nothing more is sent: it may have been a throttle.
      atOnce.clearQueue()
      throw error
    }
  }
  const whole = await Promise.all(items.map((item) => (isObject(item) ? atOnce(complete, item) : item)))
  return mapInTurns(whole, (item) => toRecord(type, item, call.config))
}
