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
  /** Where upstream says how many records there are in all. */
  readonly total?: Path | undefined
  /** Where upstream says how many pages there are in all; for `pageNumber`. */
  readonly totalPages?: Path | undefined
  /** Whether a page with fewer records than were asked for is the last; only where the vendor promises it. @default false */
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
  const { page = 'page', first = 1 } = options
  return counted(options, {
    parameter: page,
    first,
    after: (number) => number + 1,
    // The next number stands for this many records or pages before it.
    recordsBefore: (number, { pageSize }) => (number - first) * pageSize,
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
  const { offset: parameter = 'offset', first = 0 } = options
  return counted(options, {
    parameter,
    first,
    after: (number, { items }) => number + items.length,
    recordsBefore: (number) => number - first,
    pagesBefore: () => 0,
  })
}

interface Counting {
  readonly parameter: string
  readonly first: number
  readonly after: (number: number, page: ReceivedPage) => number
  readonly recordsBefore: (number: number, page: ReceivedPage) => number
  readonly pagesBefore: (number: number) => number
}

function counted(options: CountedOptions, counting: Counting): Paginator {
  const { size, place, maxPageSize } = options
  const { parameter, first } = counting
  const numberOf = (cursor: string | undefined): number =>
    cursor === undefined ? first : parseNumber(cursor)
  return paginate({
    maxPageSize,
    apply(request, { cursor, pageSize }) {
      const placed = withParameter(request, { name: parameter, value: numberOf(cursor), place })
      return size === undefined ? placed : withParameter(placed, { name: size, value: pageSize, place })
    },
    next(page) {
      const next = counting.after(numberOf(page.cursor), page)
      const hasMore = saysMore(options, page, {
        records: counting.recordsBefore(next, page),
        pages: counting.pagesBefore(next),
      })
      if (hasMore && page.items.length === 0) {
        throw invalid('Upstream says that there is more and sends an empty page')
      }
      return hasMore ? String(next) : undefined
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

function readCount(body: unknown, path: Path): number {
  const value = Number(readPath(body, path) ?? Number.NaN)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw invalid(`There is no number at ${showPath(path)}`)
}

function parseNumber(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new SyncError('DELTA_EXPIRED', 'The cursor is not one of this paginator; a full listing begins')
}

const invalid = (message: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', message, { details: { failureType: 'system' } })
