import { deepEqual, equal, ok } from 'node:assert/strict'
import { defined, otherStaff, pageOf, record, records, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { allOf, begin, changesOf, fullPass, fullPassOf, prepareScopes, purge } from './passes.ts'

export function testChangeLog(suite: StoreSuite): void {
  storeCases(suite, 'ChangeLog', (test) => {
    test('every committed change is in the log once, in order per resource, gapless from 1', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a', 'b'))
      await fullPassOf(harness, [record('a', { displayName: 'New' })])
      await fullPassOf(harness, records('a', 'b'))
      await fullPassOf(harness, records('a'))
      await timePasses(10_000)
      await purge(store, await begin(store), 5000)
      const changes = await store.changes.read({ scope: staff, after: 0, limit: 100 })
      deepEqual(
        changes.map(({ position }) => position),
        changes.map((_, index) => index + 1),
      )
      const of = (id: string) => changes.filter(({ externalId }) => externalId === id).map(({ kind }) => kind)
      deepEqual(of('a'), ['created', 'updated', 'updated'])
      deepEqual(of('b'), ['created', 'staled', 'restored', 'staled', 'removed'])
    })

    test('a change names its resource, its run and its instant', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const run = await fullPassOf(harness, records('a'))
      const [resource] = await allOf(store)
      const [change] = await store.changes.read({ scope: staff, after: 0, limit: 1 })
      ok(resource && change)
      const { at, ...rest } = change
      deepEqual(defined(rest), {
        ...staff,
        position: 1,
        kind: 'created',
        externalId: 'a',
        resourceId: resource.resourceId,
        runId: run.runId,
      })
      ok(at >= run.startedAt)
    })

    test('read answers up to limit changes after a position, in order', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a', 'b', 'c', 'd', 'e'))
      const read = async (after: number, limit: number) =>
        (await store.changes.read({ scope: staff, after, limit })).map(({ position }) => position)
      deepEqual(await read(0, 2), [1, 2])
      deepEqual(await read(2, 2), [3, 4])
      deepEqual(await read(4, 2), [5])
      deepEqual(await read(5, 2), [])
      deepEqual(await read(99, 2), [])
    })

    test('positions are counted for each scope on its own', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [staff, teams, otherStaff]) await fullPassOf(harness, records('x'), { scope })
      for (const scope of [staff, teams, otherStaff]) {
        const [change, ...others] = await store.changes.read({ scope, after: 0, limit: 10 })
        deepEqual(
          [change?.position, change?.connectorId, change?.resourceType, others.length],
          [1, scope.connectorId, scope.resourceType, 0],
        )
      }
      deepEqual(
        await store.changes.read({ scope: { ...teams, resourceType: 'role' }, after: 0, limit: 10 }),
        [],
      )
    })

    test('a following pass over the same data logs nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const pages = [{ records: records('a', 'b') }, { records: records('c') }]
      await fullPass(harness, pages)
      const before = await allOf(store)
      const run = await fullPass(harness, pages)
      equal((await changesOf(store)).length, 3)
      equal(run.stats.unchanged, 3)
      const content = before.map(({ resourceId, hash }) => [resourceId, hash])
      deepEqual(
        (await allOf(store)).map(({ resourceId, hash }) => [resourceId, hash]),
        content,
      )
    })

    test('writers at the same time leave no gap, and a reader that follows misses nothing', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const followed: number[] = []
      const follow = async (rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round += 1) {
          const after = followed.at(-1) ?? 0
          const changes = await store.changes.read({ scope: staff, after, limit: 1000 })
          followed.push(...changes.map(({ position }) => position))
        }
      }
      const direct = Array.from({ length: 12 }, (_, index) =>
        record(`direct-${index % 4}`, { displayName: `Name ${index}` }),
      )
      await Promise.all([
        follow(20),
        ...direct.map((each) => store.resources.upsertOne({ scope: staff, record: each })),
        store.resources.commitPage(pageOf(run, 1, { records: records('page-1', 'direct-1', 'direct-2') })),
        store.resources.removeOne({ ...staff, externalId: 'direct-3' }),
      ])
      await follow(1)
      deepEqual(
        followed,
        followed.map((_, index) => index + 1),
      )
      ok(followed.length >= 13)
    })
  })
}
