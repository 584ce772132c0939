import type { ServedPage } from './page-server.ts'
import type { Scenario } from './scenario.ts'

const pageCount = 5
const slots = 40

const user = (id: number, revision = 0) => ({
  externalId: `u${String(id).padStart(3, '0')}`,
  displayName: `Person ${id}`,
  email: id % 7 === 0 ? null : `person.${id}@acme.example`,
  attributes: { revision, department: `d${id % 5}` },
})

const inPages = (records: readonly unknown[]): ServedPage[] =>
  Array.from({ length: pageCount }, (_, page) => ({
    resources: records.slice(page * slots, (page + 1) * slots),
  }))

/**
 * The sync every crash is tried on. The store begins with 217 users. Upstream then lists 200 slots on five pages and
 * one empty page in the middle: 157 the same, 20 changed, 20 new, 1 poison, one repeated within its page and two
 * over pages. 40 are gone: 18 %, just under the removal guard.
 */
const before: readonly ServedPage[] = [{ resources: Array.from({ length: 217 }, (_, id) => user(id)) }]

const same = Array.from({ length: 157 }, (_, id) => user(id))
const changed = Array.from({ length: 20 }, (_, id) => user(157 + id, 1))
const fresh = Array.from({ length: 20 }, (_, id) => user(500 + id))
const poison = { ...user(900), displayName: 'nul \u0000 inside' }
const [first, second] = same
// Spread over the pages, so that each page holds every kind.
const slotsInOrder = [...same, ...changed, ...fresh, poison]
  .map((record, index) => ({ record, order: (index * 37) % 198 }))
  .toSorted((a, b) => a.order - b.order)
  .map(({ record }) => record)

const listed = inPages([...slotsInOrder, first, second])
const [last] = listed.slice(-1)
/** `first` and `second` stand on earlier pages too; `first` is twice on the last one. */
const after: readonly ServedPage[] = [
  ...listed.slice(0, 2),
  { resources: [] },
  ...listed.slice(2, -1),
  { resources: [...(last?.resources ?? []), first] },
]
const gone = { externalId: 'gone', displayName: 'Long gone', attributes: {} }
const [all] = before

export const canonicalSync: Scenario = {
  name: 'of the canonical sync',
  history: [[{ resources: [...(all?.resources ?? []), gone] }], before],
  sends: 'with compared as',
  pages: after,
  expected: {
    ids: [...same, ...changed, ...fresh].map((record) => record.externalId).toSorted(),
    changed: 20,
    stale: 40,
    rows: 197 + 40,
    logged: { created: 218 + 20, updated: 20, staled: 1 + 40, removed: 1 },
    counts: {
      added: 20,
      updated: 20,
      unchanged: 157,
      restored: 0,
      staled: 40,
      removed: 1,
      excluded: 0,
      quarantined: 1,
      pagesProcessed: 6,
      totalUpstreamRecords: 201,
    },
  },
}
