import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

/** What every part of the store works with. */
export interface StoreContext {
  readonly database: Database
  readonly tables: Tables
  /** Makes resource ids: UUIDs. */
  readonly createId: () => string
  readonly sizes: Sizes
}

/** From which size on another way is taken. */
export interface Sizes {
  /** Beyond this many records a statement takes longer per record, and memory. */
  readonly recordsPerPart: number
  /** Below this many rows an insert is as fast as a COPY. */
  readonly leastRowsToCopy: number
  /** So many unseen rows are noted for the sweep as they are counted. More are rather a mishap than a sweep to come. */
  readonly unseenRowsNoted: number
  /** So many rows a search walks in order before it chooses between walking on and the search index. */
  readonly rowsWalkedFirst: number
}
