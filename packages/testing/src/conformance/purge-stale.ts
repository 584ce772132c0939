import { deepEqual, equal } from 'node:assert/strict'
import { leaseOf, otherStaff, record, records, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  begin,
  changesOf,
  finish,
  fullPassOf,
  idsOf,
  prepareScopes,
  purge,
  refuses,
  snapshot,
  takeOver,
} from './passes.ts'

const hour = 3_600_000

export function testPurgeStale(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.purgeStale', (test) => {
    test('it removes only what has been stale for longer than its retention', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('early', 'late', 'live'))
      await fullPassOf(harness, records('late', 'live'))
      await timePasses(2 * hour)
      await fullPassOf(harness, records('live'))
      await timePasses(2 * hour)
      const run = await begin(store)
      equal(await purge(store, run, 5 * hour), 0)
      equal(await purge(store, run, 3 * hour), 1)
      deepEqual(await idsOf(store), ['-late', 'live'])
      equal((await store.runs.get(run.runId))?.stats.removed, 1)
      deepEqual((await changesOf(store)).at(-1), 'removed early')
      const last = (await store.changes.read({ scope: staff, after: 0, limit: 100 })).at(-1)
      equal(last?.runId, run.runId)
    })

    test('retention counts from when a resource went stale, not from when it was last confirmed', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await timePasses(24 * hour)
      await fullPassOf(harness, [])
      await timePasses(hour)
      equal(await purge(store, await begin(store), 2 * hour), 0)
    })

    test('a resource that came back is not removed, and its retention begins anew', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await fullPassOf(harness, [])
      await timePasses(4 * hour)
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      await fullPassOf(harness, records('2'))
      await timePasses(1000)
      await fullPassOf(harness, [])
      await timePasses(hour)
      equal(await purge(store, await begin(store), 2 * hour), 0)
      deepEqual(await idsOf(store), ['-1', '-2'])
    })

    test('it removes up to limit rows at a time until nothing is left to do', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3'))
      await fullPassOf(harness, [])
      await timePasses(hour)
      const run = await begin(store)
      const batch = { lease: leaseOf(run), retentionMs: 1000, limit: 2 }
      equal((await store.resources.purgeStale(batch)).count, 2)
      equal((await store.resources.purgeStale(batch)).count, 1)
      deepEqual(await store.resources.purgeStale(batch), { count: 0, done: true, cancelRequested: false })
      equal((await store.runs.get(run.runId))?.stats.removed, 3)
      deepEqual(await idsOf(store), [])
    })

    test('a purged resource that comes again is a new one', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      const before = await store.resources.get({ ...staff, externalId: '1' })
      const empty = await fullPassOf(harness, [])
      equal(empty.stats.staled, 1)
      await timePasses(hour)
      const run = await begin(store)
      await purge(store, run, 0)
      await finish(store, run)
      const again = await fullPassOf(harness, records('1'))
      equal(again.stats.added, 1)
      const after = await store.resources.get({ ...staff, externalId: '1' })
      equal(after?.resourceId === before?.resourceId, false)
      deepEqual((await changesOf(store)).slice(-2), ['removed 1', 'created 1'])
    })

    test('other scopes keep their stale rows', async (harness) => {
      const { store, timePasses } = harness
      const scopes = [staff, teams, otherStaff]
      await prepareScopes(store, ...scopes)
      for (const scope of scopes) {
        await fullPassOf(harness, records('1'), { scope })
        await fullPassOf(harness, [], { scope })
      }
      await timePasses(hour)
      equal(await purge(store, await begin(store), 0), 1)
      deepEqual(
        [await idsOf(store, staff), await idsOf(store, teams), await idsOf(store, otherStaff)],
        [[], ['-1'], ['-1']],
      )
    })

    test('a lost lease throws LEASE_LOST and nothing is removed', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await fullPassOf(harness, [])
      await timePasses(hour)
      const dead = await begin(store)
      await takeOver(harness)
      const before = await snapshot(store)
      await refuses('LEASE_LOST', () => purge(store, dead, 0))
      deepEqual(await snapshot(store), before)
    })
  })
}
