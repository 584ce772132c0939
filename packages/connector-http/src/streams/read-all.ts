import { SyncError } from '@syncline/core'
import { type Paginator, singlePage } from '../pagination/paginator.ts'
import { type RecordSelector, selectRecords } from '../records/select-records.ts'
import type { Send } from '../requests/http-client.ts'
import type { HttpRequest } from '../requests/http-request.ts'
import type { HttpCall } from './stream.ts'

/** A short list that belongs to an item, such as a team's members. */
export interface PartList {
  readonly request: HttpRequest
  /** @default one answer holds everything */
  readonly paginator?: Paginator | undefined
  /** @default the answer itself is the list */
  readonly records?: RecordSelector | undefined
  /** @default 500 */
  readonly pageSize?: number | undefined
  /** The most items of all pages together. @default 100_000 */
  readonly maxItems?: number | undefined
  /** The most characters of all responses together, as text. @default 67_108_864 (64 Mi) */
  readonly maxLength?: number | undefined
}

const maxPages = 1_000

/**
 * Reads all pages of a short list into memory, for `hydrate`. What may be long should be a stream of its own.
 * @throws CURSOR_REPEATED, and RUN_LIMIT_REACHED beyond a thousand pages, `maxItems` or `maxLength`
 */
export async function readAll(call: HttpCall<unknown>, list: PartList): Promise<readonly unknown[]> {
  const { context, signal } = call
  const { request, paginator = singlePage(), records = '', pageSize = 500 } = list
  const { maxItems = 100_000, maxLength = 67_108_864 } = list
  const found: unknown[] = []
  const met = new Set<string>()
  let length = 0
  // One page may take several requests.
  const send: Send = async (asked) => {
    const response = await call.send(asked)
    length += response.text.length
    if (length > maxLength) throw tooLong(`${maxLength} characters`)
    return response
  }
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await paginator.readPage({
      cursor,
      pageSize,
      request,
      send,
      select: (response) => selectRecords(records, response),
      clock: context.clock,
      signal,
    })
    if (found.length + items.length > maxItems) throw tooLong(`${maxItems} items`)
    // Spread into `push`, a long list would overflow the stack.
    for (const item of items) found.push(item)
    if (next === undefined) return found
    if (met.has(next)) throw new SyncError('CURSOR_REPEATED', 'A list of an item points back to its own page')
    if (met.size >= maxPages) throw tooLong(`${maxPages} pages`)
    met.add(next)
    cursor = next
  }
}

const tooLong = (limit: string): SyncError =>
  new SyncError(
    'RUN_LIMIT_REACHED',
    `A list of an item has more than ${limit}; make it a stream, or raise the limit of readAll`,
  )
