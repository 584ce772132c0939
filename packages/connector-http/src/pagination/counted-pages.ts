import { SyncError } from '@syncline/core'
import { type Path, readPath, showPath } from '../records/read-path.ts'
import { type ParameterPlace, withParameter } from '../requests/with-parameter.ts'
import { type Paginator, paginate, type ReceivedPage } from './paginator.ts'

/**
 * How a counted listing ends. A short page is not the end: vendors leave records out of a page for many reasons.
 * @default an empty page
 */
export interface EndOptions {
  /** Where upstream says whether there is more: true or false. */
  readonly more?: Path | undefined
  /**
   * Where upstream counts all records of the listing. Compared with the records received, whatever page size was asked
   * for; the count must be exact.
   */
  readonly total?: Path | undefined
  /** Where upstream says how many pages there are in all; for `pageNumber`. */
  readonly totalPages?: Path | undefined
  /**
   * Whether a page with fewer records than were asked for is the last; only where the vendor promises it. Set
   * `maxPageSize` to the vendor's own limit then: a vendor that gives less than it is asked for ends at the first page.
   * @default false
   */
  readonly shortPageEnds?: boolean | undefined
}

interface CountedOptions extends EndOptions {
  /** Name of the parameter for the number of records wanted. @default none is sent */
  readonly size?: string | undefined
  /** The most records upstream gives in a page. */
  readonly maxPageSize?: number | undefined
  /** Where parameters are written. @default 'query' */
  readonly place?: ParameterPlace | undefined
}

/** `?page=3`. @param options `page` @default 'page'; `first` is the number of the first page, @default 1 */
export function pageNumber(
  options: CountedOptions & { readonly page?: string | undefined; readonly first?: number | undefined } = {},
): Paginator {
  const { page = 'page', first = 1, ...counts } = options
  return counted(counts, {
    parameter: page,
    first,
    after: ({ number, received }, { items }) => ({ number: number + 1, received: received + items.length }),
    pagesBefore: (number) => number - first,
  })
}

/**
 * `?offset=200`. Records that upstream deletes meanwhile shift the others: prefer another way where there is one.
 * @param options `offset` @default 'offset'; `first` is the number of the first record, @default 0
 */
export function offset(
  options: CountedOptions & {
    readonly offset?: string | undefined
    readonly first?: number | undefined
  } = {},
): Paginator {
  const { offset: parameter = 'offset', first = 0, ...counts } = options
  return counted(counts, {
    parameter,
    first,
    after: ({ number }, { items }) => {
      const next = number + items.length
      return { number: next, received: next - first }
    },
    pagesBefore: () => 0,
  })
}

/** Where a listing stands: the number of the next page or record, and how many records came before it. */
interface Place {
  readonly number: number
  readonly received: number
}

interface Counting {
  readonly parameter: string
  readonly first: number
  readonly after: (place: Place, page: ReceivedPage) => Place
  readonly pagesBefore: (number: number) => number
}

function counted(options: CountedOptions, counting: Counting): Paginator {
  const { size, place, maxPageSize } = options
  const { parameter, first } = counting
  const placeOf = (cursor: string | undefined): Place =>
    cursor === undefined ? { number: first, received: 0 } : parsePlace(cursor)
  return paginate({
    maxPageSize,
    apply(request, { cursor, pageSize }) {
      const placed = withParameter(request, { name: parameter, value: placeOf(cursor).number, place })
      return size === undefined ? placed : withParameter(placed, { name: size, value: pageSize, place })
    },
    next(page) {
      const next = counting.after(placeOf(page.cursor), page)
      const before = { records: next.received, pages: counting.pagesBefore(next.number) }
      const hasMore = saysMore(options, page, before)
      if (hasMore && page.items.length === 0) {
        throw invalid(
          `Upstream says that there is more after ${before.records} records and sends an empty page`,
        )
      }
      return hasMore ? `${next.number}:${next.received}` : undefined
    },
  })
}

function saysMore(
  { more, total, totalPages, shortPageEnds = false }: EndOptions,
  { response, items, pageSize }: ReceivedPage,
  before: { readonly records: number; readonly pages: number },
): boolean {
  if (more !== undefined) return readBoolean(response.body, more)
  if (total !== undefined) return before.records < readCount(response.body, total)
  if (totalPages !== undefined) return before.pages < readCount(response.body, totalPages)
  return items.length > 0 && !(shortPageEnds && items.length < pageSize)
}

function readBoolean(body: unknown, path: Path): boolean {
  const value = readPath(body, path)
  if (typeof value === 'boolean') return value
  throw invalid(`There is no true or false at ${showPath(path)}`)
}

/** A whole number, even if it is sent as text. An empty text is not zero. */
function readCount(body: unknown, path: Path): number {
  const value = readPath(body, path)
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count
  throw invalid(`There is no whole number at ${showPath(path)}`)
}

function parsePlace(cursor: string): Place {
  const [, number, received] = /^(\d{1,15}):(\d{1,15})$/.exec(cursor) ?? []
  if (number !== undefined) return { number: Number(number), received: Number(received) }
  throw new SyncError('DELTA_EXPIRED', 'The cursor is not one of this paginator; a full listing begins')
}

const invalid = (message: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', message, { details: { failureType: 'system' } })
