import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { describeIssues } from './options.ts'

/** One numbered page of a list. */
export interface Paged<Item> {
  readonly data: readonly Item[]
  /** How many there are in all. */
  readonly total: number
  /** False: there are at least `total`. A search is counted up to 1,000 matches, or to the end of the page. */
  readonly totalIsExact: boolean
  readonly page: number
  readonly pageSize: number
  readonly totalPages: number
}

export interface PageRequest {
  /** From 1. @default 1 */
  readonly page?: number | undefined
  /** 1 to 2000. @default 20 */
  readonly pageSize?: number | undefined
}

/** Matches of a search that are counted; see `totalIsExact`. */
export const mostCounted = 1_000

const pageSchema = z.object({
  page: z.number().int().min(1).default(1),
  pageSize: z.number().int().min(1).max(2_000).default(20),
})

interface PagedSource<Item> {
  readonly find: (slice: { limit: number; offset: number }) => Promise<readonly Item[]>
  readonly count: (atMost?: number) => Promise<number>
  /** For a search: counting goes no further. */
  readonly mostCounted?: number | undefined
}

/** @throws OPTIONS_INVALID for a page or page size out of range */
export async function paged<Item>(request: PageRequest, source: PagedSource<Item>): Promise<Paged<Item>> {
  const parsed = pageSchema.safeParse(request)
  if (!parsed.success) throw new SyncError('OPTIONS_INVALID', `List: ${describeIssues(parsed.error)}`)
  const { page, pageSize } = parsed.data
  const { mostCounted: most } = source
  // Far enough to know whether another page follows.
  const atMost = most && Math.max(most, page * pageSize + 1)
  const place = { limit: pageSize, offset: (page - 1) * pageSize }
  const [data, total] =
    atMost === undefined
      ? await Promise.all([source.find(place), source.count()])
      : await findThenCount(source, place, atMost)
  const totalIsExact = atMost === undefined || total < atMost
  return { data, total, totalIsExact, page, pageSize, totalPages: Math.ceil(total / pageSize) }
}

/** Counting a search costs more than its page, and a page that is not full, and not behind the end, says it all. */
async function findThenCount<Item>(
  { find, count }: PagedSource<Item>,
  place: { readonly limit: number; readonly offset: number },
  atMost: number,
): Promise<readonly [readonly Item[], number]> {
  const data = await find(place)
  const saysAll = data.length < place.limit && (data.length > 0 || place.offset === 0)
  return [data, saysAll ? place.offset + data.length : await count(atMost)]
}
