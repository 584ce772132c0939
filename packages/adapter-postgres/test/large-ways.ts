/** The ways of large pages and first loads, which the small pages of a suite would never take. */
export const largeWays = { recordsPerPart: 2, leastRowsToCopy: 1, rowsWalkedFirst: 1, unseenRowsNoted: 0 }
