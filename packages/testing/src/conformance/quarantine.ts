import { deepEqual, equal, ok } from 'node:assert/strict'
import { defined, otherStaff, pageOf, record, records, rejected, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { allOf, begin, commitPages, finish, fullPassOf, prepareScopes } from './passes.ts'

export function testQuarantine(suite: StoreSuite): void {
  storeCases(suite, 'QuarantineStore', (test) => {
    test('a rejected record is kept with its reason, run, generation, page and instant', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [
        {},
        {
          rejected: [{ externalId: 'ü', position: 3, reason: 'TOO_LONG', detail: 'displayName “x” is long' }],
        },
      ])
      const [entry] = await store.quarantine.list({ scope: staff, limit: 10 })
      ok(entry)
      const { quarantinedAt, entryId, ...rest } = entry
      ok(Number.isSafeInteger(entryId))
      deepEqual(defined(rest), {
        ...staff,
        externalId: 'ü',
        position: 3,
        reason: 'TOO_LONG',
        detail: 'displayName “x” is long',
        generation: 1,
        pageNumber: 2,
        runId: run.runId,
      })
      ok(quarantinedAt >= run.startedAt)
    })

    test('an id has one entry, the latest', async ({ store }) => {
      await prepareScopes(store, staff)
      const first = await begin(store)
      await commitPages(store, first, [{ rejected: [rejected('1')] }])
      await finish(store, first)
      const run = await begin(store, { run: { mode: 'incremental' } })
      const later = { externalId: '1', position: 5, reason: 'TOO_DEEP', detail: 'too deep' } as const
      await commitPages(store, run, [{ rejected: [rejected('1')] }, { rejected: [later] }])
      const entries = await store.quarantine.list({ scope: staff, limit: 10 })
      deepEqual(
        entries.map(({ position, reason, generation, pageNumber }) => [
          position,
          reason,
          generation,
          pageNumber,
        ]),
        [[5, 'TOO_DEEP', 2, 2]],
      )
      equal(await store.quarantine.count(staff), 1)
    })

    test('records whose id could not be read have an entry for each place', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const unreadable = [rejected(undefined, 0), rejected(undefined, 1)]
      await commitPages(store, run, [{ rejected: unreadable }, { rejected: unreadable }])
      const entries = await store.quarantine.list({ scope: staff, limit: 10 })
      const places = entries.map(({ pageNumber, position }) => `page ${pageNumber}, place ${position}`)
      deepEqual(places.toSorted(), [
        'page 1, place 0',
        'page 1, place 1',
        'page 2, place 0',
        'page 2, place 1',
      ])
      ok(entries.every(({ externalId }) => externalId === undefined))
      const { stats } = await store.resources.closeListing({
        lease: pageOf(run, 1).lease,
        generation: run.generation,
        full: true,
      })
      equal(stats.quarantined, 4)
    })

    test('a good record of the id ends its quarantine', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [
        { rejected: [rejected('1'), rejected('2', 1)] },
        { records: records('1') },
      ])
      deepEqual(
        (await store.quarantine.list({ scope: staff, limit: 10 })).map(({ externalId }) => externalId),
        ['2'],
      )
      equal(await store.quarantine.count(staff), 1)
    })

    test('a good record ends a quarantine also when its row is unchanged', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      const run = await begin(store, { run: { mode: 'incremental' } })
      await commitPages(store, run, [{ rejected: [rejected('1')] }, { records: records('1') }])
      equal(await store.quarantine.count(staff), 0)
    })

    test('the row of a quarantined record stays as it was', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('1', { attributes: { a: 1 } })])
      const before = await allOf(store)
      await commitPages(store, await begin(store), [{ rejected: [rejected('1')] }])
      deepEqual(await allOf(store), before)
    })

    test('list is newest first, with limit and offset', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      for (const pageNumber of [1, 2, 3]) {
        await store.resources.commitPage(pageOf(run, pageNumber, { rejected: [rejected(`${pageNumber}`)] }))
        await timePasses(1000)
      }
      const list = async (limit: number, offset?: number) =>
        (await store.quarantine.list({ scope: staff, limit, ...(offset !== undefined && { offset }) })).map(
          ({ externalId }) => externalId,
        )
      deepEqual(await list(10), ['3', '2', '1'])
      deepEqual(await list(2), ['3', '2'])
      deepEqual(await list(2, 2), ['1'])
      deepEqual(await list(2, 3), [])
    })

    test('list goes on before an entry, also when that one has left', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [
        { rejected: [rejected('1')] },
        { rejected: [rejected('2')] },
        { rejected: [rejected('3')] },
      ])
      const [, second] = await store.quarantine.list({ scope: staff, limit: 10 })
      ok(second)
      const older = async () =>
        (await store.quarantine.list({ scope: staff, limit: 10, before: second.entryId })).map(
          ({ externalId }) => externalId,
        )
      deepEqual(await older(), ['1'])
      await store.resources.commitPage(pageOf(run, 4, { records: records('2') }))
      deepEqual(await older(), ['1'])
    })

    test('of a whole connector, entries of all types come newest first, and none of others', async ({
      store,
    }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      const ids = { [staff.resourceType]: 's', [teams.resourceType]: 't' }
      const runs = [await begin(store), await begin(store, { scope: teams })]
      await commitPages(store, await begin(store, { scope: otherStaff }), [{ rejected: [rejected('o')] }])
      for (const pageNumber of [1, 2]) {
        for (const run of runs) {
          const id = `${ids[run.resourceType]}${pageNumber}`
          await store.resources.commitPage(pageOf(run, pageNumber, { rejected: [rejected(id)] }))
        }
      }
      const scope = { connectorId: staff.connectorId }
      const entries = await store.quarantine.list({ scope, limit: 3 })
      deepEqual(
        entries.map(({ connectorId, resourceType, externalId }) => [connectorId, resourceType, externalId]),
        [
          ['hr', 'group', 't2'],
          ['hr', 'user', 's2'],
          ['hr', 'group', 't1'],
        ],
      )
      equal(await store.quarantine.count(scope), 4)
      equal(await store.quarantine.count({ connectorId: 'nobody' }), 0)
    })

    test('list and count look at one scope', async ({ store }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [staff, teams]) {
        await commitPages(store, await begin(store, { scope }), [{ rejected: [rejected('1')] }])
      }
      const run = await begin(store, { scope: otherStaff })
      await commitPages(store, run, [{ rejected: [rejected('1')] }, { records: records('1') }])
      deepEqual([await store.quarantine.count(staff), await store.quarantine.count(teams)], [1, 1])
      deepEqual(await store.quarantine.list({ scope: otherStaff, limit: 10 }), [])
      equal(await store.quarantine.count({ ...staff, resourceType: 'role' }), 0)
    })
  })
}
