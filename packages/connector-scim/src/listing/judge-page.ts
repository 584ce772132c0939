import type { IndexPlace } from './list-cursor.ts'

/** What a page by `startIndex` held. */
export interface IndexPage {
  /** Ids in order; a record without one is known by its number in the listing. */
  readonly ids: readonly string[]
  readonly total: number
  /** All that this pass has met, this page included. Only looked at where the order is not known to be stable. */
  readonly seen: ReadonlySet<string>
}

/**
 * What a page says about the listing.
 * ```
 * more      go on there
 * end       everything was listed that was there from the first page to the last
 * unproven  something may have been passed over: begin again
 * ```
 */
export type Verdict =
  | { readonly kind: 'more'; readonly place: IndexPlace }
  | { readonly kind: 'end' }
  | { readonly kind: 'unproven'; readonly reason: string; readonly unsorted?: boolean }

/** Records asked for a second time with each page. */
const overlapSize = 5

/**
 * Judges a page of a listing by `startIndex`, which may pass records over: when a record before the page is deleted or
 * moves, the others shift (RFC 7644, section 3.4.2.4, promises nothing). So every page begins with records of the page
 * before, and only a page with nothing else is the end.
 *
 * In an order that updates do not change, one of those records found again proves that all before it were read. In an
 * order nobody knows, nothing may have moved, been deleted or come twice.
 */
export function judgePage(place: IndexPlace, page: IndexPage, sorted: boolean): Verdict {
  if (givesEverythingEachTime(place, page)) return { kind: 'end' }
  const known = findOverlap(place, page)
  if (!known) return unproven('the last records of a page were gone when the next one was read')
  if (sorted && !isAscending(page.ids)) return { ...unproven('upstream does not sort by id'), unsorted: true }
  const { shift, fresh } = known
  if (place.stable && shift > Math.max(0, page.total - place.total)) {
    return unproven('records moved back by more than were added')
  }
  if (!place.stable && !isQuiet(place, page)) return unproven('records moved or were deleted meanwhile')
  if (fresh < page.ids.length) return { kind: 'more', place: placeAfter(place, page) }

  const readTo = startOf(place) + fresh - 1
  const complete = place.stable ? readTo >= page.total : page.seen.size === page.total
  const met = place.stable ? readTo : page.seen.size
  return complete ? { kind: 'end' } : unproven(`upstream says that there are ${page.total} and listed ${met}`)
}

const unproven = (reason: string) => ({ kind: 'unproven', reason }) as const

/** Number of the first record to ask for. */
export const startOf = ({ next, overlap }: IndexPlace): number => next - overlap.length

function placeAfter(place: IndexPlace, { ids, total, seen }: IndexPage): IndexPlace {
  const next = startOf(place) + ids.length
  // Of short pages at most half, so that the next one brings something new; all where nothing new is expected.
  const half = Math.max(1, Math.floor(ids.length / 2))
  const size = Math.min(overlapSize, next > total ? ids.length : half)
  return { ...place, next, overlap: ids.slice(-size), total, met: seen.size }
}

/** The last known record that is met again: how far it moved, and where the records after it begin. */
function findOverlap(
  { overlap }: IndexPlace,
  { ids }: IndexPage,
): { readonly shift: number; readonly fresh: number } | undefined {
  if (overlap.length === 0) return { shift: 0, fresh: 0 }
  const known = overlap.findLastIndex((id) => ids.includes(id))
  const at = ids.lastIndexOf(overlap[known] ?? '')
  return known === -1 ? undefined : { shift: at - known, fresh: at + 1 }
}

const isQuiet = ({ overlap, total }: IndexPlace, page: IndexPage): boolean =>
  page.total >= total && overlap.every((id, index) => page.ids[index] === id)

/** Servers without paging answer all they have, whatever is asked for. */
const givesEverythingEachTime = ({ overlap, total }: IndexPlace, page: IndexPage): boolean =>
  overlap.length > 0 &&
  page.ids[0] !== overlap[0] &&
  page.total === total &&
  new Set(page.ids).size === total &&
  page.ids.length === total

/** As text, whatever the case of its letters, or as numbers. */
function isAscending(ids: readonly string[]): boolean {
  const folded = ids.map((id) => id.toLowerCase())
  const numbers = ids.map(Number)
  return increases(ids) || increases(folded) || increases(numbers)
}

const increases = (values: readonly (string | number)[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? value))
