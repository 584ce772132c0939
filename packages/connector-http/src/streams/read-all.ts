import { SyncError } from '@syncline/core'
import { type Paginator, singlePage } from '../pagination/paginator.ts'
import { type RecordSelector, selectRecords } from '../records/select-records.ts'
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
}

const maxPages = 1_000

/**
 * Reads all pages of a short list into memory, for `hydrate`. What may be long should be a stream of its own.
 * @throws CURSOR_REPEATED, and RUN_LIMIT_REACHED beyond a thousand pages
 */
export async function readAll(
  { send, context, signal }: HttpCall<unknown>,
  list: PartList,
): Promise<readonly unknown[]> {
  const { request, paginator = singlePage(), records = '', pageSize = 500 } = list
  const found: unknown[] = []
  const met = new Set<string>()
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
    found.push(...items)
    if (next === undefined) return found
    if (met.has(next)) throw new SyncError('CURSOR_REPEATED', 'A list of an item points back to its own page')
    if (met.size >= maxPages) throw tooLong()
    met.add(next)
    cursor = next
  }
}

const tooLong = (): SyncError =>
  new SyncError('RUN_LIMIT_REACHED', `A list of an item has more than ${maxPages} pages; make it a stream`)
