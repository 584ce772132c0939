import { deepEqual, equal } from 'node:assert/strict'
import type { ResourceQuery, ResourceSlice, Store } from '@syncline/core'
import { otherStaff, record, records, staff, teams, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, fullPassOf, prepareScopes, purge } from './passes.ts'

const roles = { ...staff, resourceType: 'role' }

/** External ids of all that a query answers, in order: as many as it counts. */
export const found = async (store: Store, query: ResourceQuery): Promise<string[]> => {
  const resources = await store.resources.find({ ...query, limit: 1000 })
  equal(await store.resources.count(query), resources.length)
  return resources.map(({ externalId }) => externalId)
}

/** Each is a slice of the whole, in an order in which some are read twice and some beside others. */
async function numberedPagesAreRight(store: Store): Promise<void> {
  for (const stale of [undefined, false, true]) {
    const whole = await store.resources.find({ ...staff, stale, limit: 1000 })
    for (const offset of [6, 2, 4, 6, 6, 7, 5, 8, 10, 1, 3]) {
      deepEqual(
        await store.resources.find({ ...staff, stale, limit: 2, offset }),
        whole.slice(offset, offset + 2),
      )
    }
  }
}

export function testFindResources(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore: find, count and get', (test) => {
    test('a query answers the resources of its connector and type only', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      await fullPassOf(harness, records('1', '2'), { scope: staff })
      await fullPassOf(harness, records('1', '3'), { scope: teams })
      await fullPassOf(harness, records('1', '4'), { scope: otherStaff })
      deepEqual(await found(store, staff), ['1', '2'])
      deepEqual(await found(store, teams), ['1', '3'])
      deepEqual(await found(store, { connectorId: 'hr-2' }), ['1', '4'])
      deepEqual(await found(store, { connectorId: 'hr', resourceType: 'role' }), [])
      deepEqual(await found(store, { connectorId: 'nobody' }), [])
    })

    test('with a tenant, nothing is found unless the connector is its own', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      deepEqual(await found(store, { ...staff, tenantId }), ['1', '2'])
      deepEqual(await found(store, { ...staff, tenantId: 'other' }), [])
      deepEqual(await found(store, { ...staff, tenantId: '' }), [])
      deepEqual(await found(store, { connectorId: 'hr', search: '1', tenantId }), ['1'])
      deepEqual(await found(store, { connectorId: 'hr', search: '1', tenantId: 'other' }), [])
      const after = { resourceType: staff.resourceType, externalId: '1' }
      const next = async (query: ResourceQuery) =>
        (await store.resources.find({ ...query, after, limit: 9 })).map(({ externalId }) => externalId)
      deepEqual(await next({ ...staff, tenantId }), ['2'])
      deepEqual(await next({ ...staff, tenantId: 'other' }), [])
    })

    test('without a type the order is by resource type, then external id', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('b', 'a'), { scope: staff })
      await fullPassOf(harness, records('d', 'c'), { scope: teams })
      deepEqual(await found(store, { connectorId: 'hr' }), ['c', 'd', 'a', 'b'])
    })

    test('external ids are ordered by code point', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const ids = [
        '10',
        '9',
        'A',
        'Z',
        '_',
        'a',
        'aa',
        'a\u0301',
        'z',
        '\u00e4',
        '\ufb01',
        '\uffff',
        '\u{1f469}',
        '\u{10ffff}',
      ]
      await fullPassOf(harness, records(...ids.toReversed()))
      deepEqual(await found(store, staff), ids)
    })

    test('limit and offset give numbered pages', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('1', '2', '3'), { scope: staff })
      await fullPassOf(harness, records('4', '5'), { scope: teams })
      const page = async (limit: number, offset?: number) =>
        (await store.resources.find({ connectorId: 'hr', limit, offset })).map(({ externalId }) => externalId)
      deepEqual(await page(2), ['4', '5'])
      deepEqual(await page(2, 1), ['5', '1'])
      deepEqual(await page(10, 4), ['3'])
      deepEqual(await page(10, 5), [])
      deepEqual(await page(0), [])
    })

    test('after gives stable pages, whatever comes and goes before it', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('b', 'd', '\u{1f469}'), { scope: staff })
      await fullPassOf(harness, records('x', 'z'), { scope: teams })
      const next = async (resourceType: string, externalId: string) =>
        (
          await store.resources.find({ connectorId: 'hr', limit: 2, after: { resourceType, externalId } })
        ).map((resource) => resource.externalId)
      deepEqual(await next('group', 'x'), ['z', 'b'])
      deepEqual(await next('group', 'zz'), ['b', 'd'])
      deepEqual(await next('user', 'b'), ['d', '\u{1f469}'])
      await store.resources.removeOne({ ...staff, externalId: 'b' })
      await store.resources.upsertOne({ scope: staff, record: record('a') })
      deepEqual(await next('user', 'b'), ['d', '\u{1f469}'])
      deepEqual(await next('user', '\uffff'), ['\u{1f469}'])
      deepEqual(await next('user', '\u{1f469}'), [])
    })

    test('stale tells stale from live ones, both when absent', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3'))
      await fullPassOf(harness, records('2'))
      deepEqual(await found(store, { ...staff, stale: true }), ['1', '3'])
      deepEqual(await found(store, { ...staff, stale: false }), ['2'])
      deepEqual(await found(store, staff), ['1', '2', '3'])
    })

    test('every numbered page is a slice of the whole, from whichever end it is read', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, roles)
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
      await fullPassOf(harness, records(...ids), { scope: staff })
      await fullPassOf(harness, records('b', 'c', 'g'), { scope: staff })
      await fullPassOf(harness, records(...ids), { scope: teams })
      await fullPassOf(harness, records(...ids), { scope: roles })
      await fullPassOf(harness, records('a', 'b', 'c', 'd', 'e', 'f', 'h'), { scope: roles })
      for (const stale of [undefined, true, false]) {
        for (const query of [
          { ...staff, stale },
          { connectorId: 'hr', stale },
        ]) {
          const whole = await store.resources.find({ ...query, limit: 1000 })
          for (const limit of [1, 3, 20]) {
            for (let offset = 0; offset <= whole.length + 1; offset += 1) {
              deepEqual(
                await store.resources.find({ ...query, limit, offset }),
                whole.slice(offset, offset + limit),
              )
            }
          }
        }
      }
    })

    test('numbered pages that were read before are right again after rows came, went, became stale and came back', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']
      await fullPassOf(harness, records(...ids))
      const pagesAreRight = () => numberedPagesAreRight(store)
      await pagesAreRight()
      await store.resources.upsertOne({ scope: staff, record: record('aa') })
      await pagesAreRight()
      await store.resources.removeOne({ ...staff, externalId: 'b' })
      await store.resources.removeOne({ ...staff, externalId: 'c' })
      await pagesAreRight()
      await fullPassOf(harness, records('a', 'e', 'g', 'h', 'j'))
      await pagesAreRight()
      await fullPassOf(harness, records(...ids))
      await pagesAreRight()
    })

    test('numbered pages that were read before are right again in a connector of the same id and as many changes', async (harness) => {
      const { store } = harness
      for (const ids of [
        ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'],
        ['0', '1', '2', '3', '4', '5', 'g', 'h', 'i', 'j', 'k'],
        ['a', 'aa', 'ab', 'ac', 'ad', 'g', 'h', 'k', 'l', 'm', 'n'],
      ]) {
        await prepareScopes(store, staff)
        await fullPassOf(harness, records(...ids))
        await numberedPagesAreRight(store)
        await store.connectors.remove(staff.connectorId)
      }
    })

    test('after and offset work together, and after need not be there', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('1', '3', '5'), { scope: staff })
      await fullPassOf(harness, records('2', '4'), { scope: teams })
      const ids = async (slice: Omit<ResourceSlice, 'connectorId' | 'limit'>) =>
        (await store.resources.find({ connectorId: 'hr', limit: 2, ...slice })).map(
          (resource) => resource.externalId,
        )
      const after = { resourceType: 'group', externalId: '2' }
      deepEqual(await ids({ after, offset: 1 }), ['1', '3'])
      deepEqual(await ids({ after, offset: 3 }), ['5'])
      deepEqual(await ids({ after, offset: 1, search: 'NAME' }), ['1', '3'])
      deepEqual(await ids({ after: { resourceType: 'group', externalId: '3' } }), ['4', '1'])
      deepEqual(await ids({ after: { resourceType: 'role', externalId: '9' } }), ['1', '3'])
      deepEqual(await ids({ after: { resourceType: 'user', externalId: '1\u0000' } }), ['3', '5'])
    })

    test('counting stops at atMost', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3'))
      for (const search of [undefined, 'name', '']) {
        const count = (atMost?: number) => store.resources.count({ ...staff, search, atMost })
        const all = await count()
        deepEqual(
          await Promise.all([count(0), count(2), count(3), count(4)]),
          [0, 2, 3, 3].map((n) => Math.min(n, all)),
        )
      }
    })

    test('what any write brings or takes is found, or gone, at once', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('b'))
      deepEqual(await found(store, staff), ['b'])
      await fullPassOf(harness, records('a'))
      deepEqual(await found(store, staff), ['a', 'b'])
      await timePasses(1000)
      await purge(store, await begin(store), 0)
      deepEqual(await found(store, staff), ['a'])
      await store.resources.upsertOne({ scope: staff, record: record('c') })
      deepEqual(await found(store, staff), ['a', 'c'])
      await store.resources.removeOne({ ...staff, externalId: 'a' })
      deepEqual(await found(store, staff), ['c'])
    })

    test('get answers one resource, live or stale, and undefined for none', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('1', '2'))
      await fullPassOf(harness, records('2'))
      const [first, second] = await store.resources.find({ ...staff, limit: 2 })
      deepEqual(await store.resources.get({ ...staff, externalId: '1' }), first)
      deepEqual(await store.resources.get({ ...staff, externalId: '2' }), second)
      equal(await store.resources.get({ ...staff, externalId: '3' }), undefined)
      equal(await store.resources.get({ ...teams, externalId: '2' }), undefined)
      equal(await store.resources.get({ ...otherStaff, externalId: '2' }), undefined)
    })
  })
}
