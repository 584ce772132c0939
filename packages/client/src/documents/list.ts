/** One answer of a list. What numbers say of it is absent after a cursor. */
export interface List<Item> {
  readonly data: readonly Item[]
  /** How many there are in all. */
  readonly total?: number | undefined
  /** false: there are at least `total`. A search is counted up to 1,000 matches. */
  readonly totalIsExact?: boolean | undefined
  readonly page?: number | undefined
  readonly pageSize: number
  readonly totalPages?: number | undefined
  /** For `after`; null at the end of the list. */
  readonly nextCursor: string | null
}

/** Which part of a list is wanted. */
export interface ListPart {
  /** Number of the page, from 1; not together with `after`. @default 1 */
  readonly page?: number | undefined
  /** How many a page holds, 2000 at most. @default 20 */
  readonly pageSize?: number | undefined
  /** `nextCursor` of an earlier answer. */
  readonly after?: string | undefined
}
