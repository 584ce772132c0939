import { deepEqual, equal, ok } from 'node:assert/strict'
import { defined, otherStaff, pageOf, record, records, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { allOf, begin, changesOf, fullPassOf, idsOf, prepareScopes } from './passes.ts'

export function testCommitPage(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.commitPage: what a record becomes', (test) => {
    test('a record with no row is added', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const parent = { resourceType: 'group', externalId: 'g 1' }
      const added = record('1', { email: 'Ada@Example.com', attributes: { a: 1 }, parent })
      const { stats } = await store.resources.commitPage(pageOf(run, 1, { records: [added] }))
      equal(stats.added, 1)
      const resource = await store.resources.get({ ...staff, externalId: '1' })
      ok(resource)
      const { resourceId, createdAt, syncedAt, ...kept } = resource
      deepEqual(defined(kept), {
        ...staff,
        externalId: '1',
        displayName: 'Name of 1',
        email: 'Ada@Example.com',
        attributes: { a: 1 },
        parent,
        hash: added.hash,
      })
      ok(resourceId.length > 0 && createdAt >= run.startedAt && syncedAt >= run.startedAt)
      deepEqual(await changesOf(store), ['created 1'])
    })

    test('a record with the same hash is unchanged and its row is not touched', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('1', { attributes: { seen: 1 } })])
      await timePasses(1000)
      const before = await allOf(store)
      const run = await begin(store)
      // A volatile attribute changed: the hash, which leaves it out, did not.
      const { hash } = record('1', { attributes: { seen: 1 } })
      const volatile = { ...record('1', { attributes: { seen: 2 } }), hash }
      const { stats } = await store.resources.commitPage(pageOf(run, 1, { records: [volatile] }))
      deepEqual([stats.unchanged, stats.updated], [1, 0])
      deepEqual(await allOf(store), before)
      deepEqual(await changesOf(store), ['created 1'])
    })

    test('a record with another hash is updated under the same resource id', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const parent = { resourceType: 'group', externalId: 'g' }
      await fullPassOf(harness, [record('1', { email: 'a@x', attributes: { a: 1, b: 2 }, parent })])
      await timePasses(1000)
      const [before] = await allOf(store)
      const run = await begin(store)
      const next = record('1', { displayName: 'New', attributes: { b: 3 } })
      const { stats } = await store.resources.commitPage(pageOf(run, 1, { records: [next] }))
      deepEqual([stats.unchanged, stats.updated], [0, 1])
      const [after] = await allOf(store)
      ok(before && after)
      deepEqual([after.resourceId, after.createdAt], [before.resourceId, before.createdAt])
      deepEqual(
        [after.displayName, after.email, after.attributes, after.parent, after.hash],
        ['New', null, { b: 3 }, undefined, next.hash],
      )
      ok(after.syncedAt > before.syncedAt)
      deepEqual(await changesOf(store), ['created 1', 'updated 1'])
    })

    test('a stale row is restored, with the same hash as with another, under its resource id', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('other', 'same'))
      const before = await allOf(store)
      await fullPassOf(harness, [])
      deepEqual(await idsOf(store), ['-other', '-same'])
      const run = await begin(store)
      const back = [record('other', { displayName: 'New' }), record('same')]
      const { stats } = await store.resources.commitPage(pageOf(run, 1, { records: back }))
      deepEqual([stats.restored, stats.added, stats.updated, stats.unchanged], [2, 0, 0, 0])
      const after = await allOf(store)
      deepEqual(
        after.map(({ resourceId, displayName, staleSince }) => [resourceId, displayName, staleSince]),
        [
          [before[0]?.resourceId, 'New', undefined],
          [before[1]?.resourceId, 'Name of same', undefined],
        ],
      )
      ok(after.every(({ syncedAt }) => syncedAt >= run.startedAt))
      deepEqual((await changesOf(store)).slice(-2).toSorted(), ['restored other', 'restored same'])
    })

    test('excluded ids count and leave their rows alone', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      const before = await allOf(store)
      const run = await begin(store)
      const { stats } = await store.resources.commitPage(pageOf(run, 1, { excluded: ['1', '2'] }))
      equal(stats.excluded, 2)
      deepEqual(await allOf(store), before)
    })

    test('equal external ids of another connector and another type are other resources', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      await fullPassOf(harness, [record('1', { displayName: 'other connector' })], { scope: otherStaff })
      await fullPassOf(harness, [record('1', { displayName: 'other type' })], { scope: teams })
      const ofOthers = async () =>
        [...(await allOf(store, otherStaff)), ...(await allOf(store, teams))].map(
          ({ resourceId, displayName, hash, staleSince }) => ({ resourceId, displayName, hash, staleSince }),
        )
      const others = await ofOthers()
      await fullPassOf(harness, [record('1', { displayName: 'first' })])
      await fullPassOf(harness, [record('1', { displayName: 'second' }), record('2')])
      deepEqual(await ofOthers(), others)
      const ids = [...(await allOf(store)), ...others].map(({ resourceId }) => resourceId)
      equal(new Set(ids).size, 4)
    })
  })
}
