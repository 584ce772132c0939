import { SyncError } from '@syncline/core'
import { z } from 'zod'

const count = z.number().int().nonnegative()
const positive = z.number().int().positive()

const planSchema = z.object({
  /** Whether upstream is asked for what changed; otherwise for everything, also in an incremental listing. */
  timeFilter: z.boolean(),
  /** Whether upstream is asked to sort by id. */
  sorted: z.boolean(),
  /** The most records of a page. */
  maxResults: positive.optional(),
})

/** How a listing is asked for, found out at its first page. */
export type ListingPlan = z.output<typeof planSchema>

const indexPlaceSchema = z.object({
  paging: z.literal('index'),
  /** How often the listing has been begun. */
  pass: positive,
  /** Names this pass in the process that reads it. */
  session: z.string(),
  /** Whether the order is one that an update does not change, so that a page shows whether anything moved. */
  stable: z.boolean(),
  /** Number of the first record that was not read yet. */
  next: positive,
  /** Ids of the records just before it; the next page must begin with them. */
  overlap: z.array(z.string()),
  /** `totalResults` of the page before. */
  total: count,
  /** How many ids this pass had met before the next page; only counted where the order is not known to be stable. */
  met: count,
})

/** Where a listing by `startIndex` stands. */
export type IndexPlace = z.output<typeof indexPlaceSchema>

const cursorPlaceSchema = z.object({
  paging: z.literal('cursor'),
  /** Upstream's own cursor; the empty text is the first page. */
  cursor: z.string(),
  received: count,
  /** The least `totalResults` of the pages so far. */
  leastTotal: count.optional(),
})

/** Where a listing by cursor stands (RFC 9865). */
export type CursorPlace = z.output<typeof cursorPlaceSchema>

const listCursorSchema = z.object({
  version: z.literal(1),
  plan: planSchema,
  place: z.discriminatedUnion('paging', [indexPlaceSchema, cursorPlaceSchema]),
})

/** Where a listing stands, and how it is asked for. */
export type ListCursor = Omit<z.output<typeof listCursorSchema>, 'version'>

export const formatCursor = ({ plan, place }: ListCursor): string =>
  JSON.stringify({ version: 1, plan, place })

/** @throws DELTA_EXPIRED for a cursor of another release */
export function parseCursor(text: string): ListCursor {
  try {
    return listCursorSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SyncError('DELTA_EXPIRED', 'The cursor is not one of this release of the SCIM connector', {
      cause,
    })
  }
}
