import type { Scenario } from './scenario.ts'

const user = (id: number) => ({
  externalId: `u${String(id).padStart(5, '0')}`,
  displayName: `Person ${id}`,
  email: `person.${id}@acme.example`,
  attributes: { revision: 0, notes: id % 3 === 0 ? 'ünï"\\\n' : null },
})
const users = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => user(from + index))

/**
 * An empty scope, filled by copying: pages large enough for that, one so large that it goes in parts, and a last one
 * that repeats a key of the first, so that its copy breaks and it is compared instead.
 */
export const firstLoad: Scenario = {
  name: 'of a first load',
  history: [],
  sends: 'copy "syncline"."resource_row"',
  pages: [
    { resources: users(0, 100) },
    { resources: users(100, 1_300) },
    { resources: users(1_300, 1_400) },
    { resources: [...users(1_400, 1_500), user(7)] },
  ],
  expected: {
    ids: users(0, 1_500).map(({ externalId }) => externalId),
    changed: 0,
    stale: 0,
    rows: 1_500,
    logged: { created: 1_500 },
    counts: {
      added: 1_500,
      updated: 0,
      unchanged: 0,
      restored: 0,
      staled: 0,
      removed: 0,
      excluded: 0,
      quarantined: 0,
      pagesProcessed: 4,
      totalUpstreamRecords: 1_501,
    },
  },
}
