import { deepEqual, equal } from 'node:assert/strict'
import { otherStaff, record, records, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { fullPassOf, prepareScopes } from './passes.ts'
import { commitParts, linkedTo, newAction, peopleOf, refusedOf, tryCommit } from './people-builders.ts'

export function testDeactivationCauses(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: the cause of a deactivation', (test) => {
    test('holds while the resource is stale or gone and no other row holds the user', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a'))
      await commitParts(store, { matches: [linkedTo('a', 'user-a'), linkedTo('gone', 'user-gone')] })
      await fullPassOf(harness, [])
      await commitParts(store, {
        actions: [newAction(), newAction({ externalId: 'gone', userId: 'user-gone' })],
      })
      equal((await peopleOf(store).openActions({ scope: staff, after: 0, limit: 10 })).length, 2)
    })

    test('is lost when the resource is live: nothing is recorded', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a', 'b'))
      await commitParts(store, { matches: [linkedTo('a', 'user-a'), linkedTo('b', 'user-b')] })
      await fullPassOf(harness, records('a'))
      const both = [newAction(), newAction({ externalId: 'b', userId: 'user-b' })]
      deepEqual(await tryCommit(store, { actions: both }), refusedOf('a'))
      deepEqual(await peopleOf(store).openActions({ scope: staff, after: 0, limit: 10 }), [])
    })

    test('is lost when another live resource of the scope leads to the user', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a', 'b'))
      await commitParts(store, { matches: [linkedTo('a', 'user-a'), linkedTo('b', 'user-a')] })
      await fullPassOf(harness, records('b'))
      deepEqual(await tryCommit(store, { actions: [newAction()] }), refusedOf('a'))
    })

    test('holds when the other resources of the scope that lead to the user are stale too', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a', 'b'))
      await commitParts(store, { matches: [linkedTo('a', 'user-a'), linkedTo('b', 'user-a')] })
      await fullPassOf(harness, [])
      await commitParts(store, { actions: [newAction()] })
    })

    for (const [where, scope] of [
      ['another connector', otherStaff],
      ['another resource type', teams],
    ] as const) {
      test(`is lost when a row of ${where} holds the user, live or not`, async (harness) => {
        const { store } = harness
        await prepareScopes(store, staff, scope)
        await fullPassOf(harness, records('a'))
        await commitParts(store, { matches: [linkedTo('a', 'user-a')] })
        await commitParts(store, { scope, matches: [linkedTo('x', 'user-a')] })
        await fullPassOf(harness, [])
        deepEqual(await tryCommit(store, { actions: [newAction()] }), refusedOf('a'))
      })
    }

    test('is not asked for when the deactivation takes something back, or is none', async ({ store }) => {
      await prepareScopes(store, staff)
      await store.resources.upsertOne({ scope: staff, record: record('a') })
      await commitParts(store, { matches: [linkedTo('a', 'user-a')] })
      await commitParts(store, {
        actions: [newAction({ undoes: 'some-action' }), newAction({ kind: 'reactivate' })],
      })
    })
  })
}
