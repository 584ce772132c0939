import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { otherStaff, pageOf, record, records, rejected, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  allOf,
  begin,
  changesOf,
  closeListing,
  commitPages,
  finish,
  fullPassOf,
  idsOf,
  prepareScopes,
  snapshot,
} from './passes.ts'

export function testDirectWrites(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore: direct writes', (test) => {
    test('upsertOne creates, updates, leaves alone and restores, and logs each change without a run', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const upsert = (displayName: string) =>
        store.resources.upsertOne({ scope: staff, record: record('1', { displayName }) })
      equal(await upsert('A'), 'created')
      const [created] = await allOf(store)
      equal(await upsert('A'), 'unchanged')
      equal(await upsert('B'), 'updated')
      await fullPassOf(harness, [])
      equal(await upsert('B'), 'restored')
      deepEqual(await changesOf(store), ['created 1', 'updated 1', 'staled 1', 'restored 1'])
      const changes = await store.changes.read({ scope: staff, after: 0, limit: 10 })
      deepEqual(
        changes.map(({ runId }) => runId !== undefined),
        [false, false, true, false],
      )
      const [restored] = await allOf(store)
      deepEqual(
        [restored?.resourceId, restored?.displayName, restored?.staleSince],
        [created?.resourceId, 'B', undefined],
      )
    })

    test('upsertOne restores a stale resource with other content as restored', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await fullPassOf(harness, [])
      const changed = record('1', { displayName: 'New' })
      equal(await store.resources.upsertOne({ scope: staff, record: changed }), 'restored')
      equal((await allOf(store))[0]?.displayName, 'New')
    })

    test('upsertOne marks a resource as confirmed now, also when nothing changed', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await timePasses(60_000)
      const [before] = await allOf(store)
      equal(await store.resources.upsertOne({ scope: staff, record: record('1') }), 'unchanged')
      const [after] = await allOf(store)
      ok(before && after && after.syncedAt.getTime() - before.syncedAt.getTime() >= 60_000)
      const { syncedAt: _before, ...same } = before
      const { syncedAt: _after, ...now } = after
      deepEqual(now, same)
    })

    test('upsertOne compares content with a row that another recipe hashed', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      await finish(store, await begin(store, { run: { hashRecipe: 'recipe-2' } }), { confirmsScope: false })
      const same = record('1', { hashRecipe: 'recipe-2' })
      equal(await store.resources.upsertOne({ scope: staff, record: same }), 'unchanged')
      equal((await allOf(store))[0]?.hash, same.hash)
    })

    test('a run that meets what upsertOne wrote counts it once', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('1', '2') }])
      await store.resources.upsertOne({ scope: staff, record: record('1', { displayName: 'Direct' }) })
      await store.resources.upsertOne({ scope: staff, record: record('3', { displayName: 'Direct' }) })
      await store.resources.upsertOne({ scope: staff, record: record('4') })
      await store.resources.commitPage(pageOf(run, 2, { records: records('1', '3', '4') }))
      const { stats } = await closeListing(store, run)
      deepEqual([stats.added, stats.updated, stats.unchanged, stats.restored], [2, 1, 1, 0])
      deepEqual(
        (await allOf(store)).map(({ displayName }) => displayName),
        ['Name of 1', 'Name of 2', 'Name of 3', 'Name of 4'],
      )
    })

    test('upsertOne that cannot be stored leaves nothing behind', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      const before = await snapshot(store)
      for (const externalId of ['1', '2']) {
        const broken = { ...record(externalId, { displayName: 'New' }), attributesJson: 'no JSON' }
        await rejects(store.resources.upsertOne({ scope: staff, record: broken }))
      }
      deepEqual(await snapshot(store), before)
    })

    test('one record written many times at once is one resource', async ({ store }) => {
      await prepareScopes(store, staff)
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => store.resources.upsertOne({ scope: staff, record: record('1') })),
      )
      deepEqual(outcomes.toSorted(), ['created', ...Array<string>(7).fill('unchanged')])
      deepEqual(await changesOf(store), ['created 1'])
    })

    test('removeOne removes a resource with its change, live or stale', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('live', 'stale'))
      await fullPassOf(harness, records('live'))
      equal(await store.resources.removeOne({ ...staff, externalId: 'live' }), true)
      equal(await store.resources.removeOne({ ...staff, externalId: 'stale' }), true)
      deepEqual(await idsOf(store), [])
      deepEqual((await changesOf(store)).slice(-2), ['removed live', 'removed stale'])
      const last = (await store.changes.read({ scope: staff, after: 0, limit: 100 })).at(-1)
      equal(last?.runId, undefined)
    })

    test('removeOne answers false when there is none and logs nothing', async ({ store }) => {
      await prepareScopes(store, staff)
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      await store.resources.removeOne({ ...staff, externalId: '1' })
      equal(await store.resources.removeOne({ ...staff, externalId: '1' }), false)
      equal(await store.resources.removeOne({ ...teams, externalId: '1' }), false)
      equal((await changesOf(store)).length, 2)
    })

    test('direct writes touch their own scope only', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [staff, teams, otherStaff]) await fullPassOf(harness, records('1'), { scope })
      const before = [await snapshot(store, teams), await snapshot(store, otherStaff)]
      await store.resources.upsertOne({ scope: staff, record: record('1', { displayName: 'New' }) })
      await store.resources.removeOne({ ...staff, externalId: '1' })
      deepEqual([await snapshot(store, teams), await snapshot(store, otherStaff)], before)
    })

    test('upsertOne ends the quarantine of its id', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [{ rejected: [rejected('1'), rejected('2', 1)] }])
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      const left = await store.quarantine.list({ scope: staff, limit: 10 })
      deepEqual(
        left.map(({ externalId }) => externalId),
        ['2'],
      )
    })
  })
}
