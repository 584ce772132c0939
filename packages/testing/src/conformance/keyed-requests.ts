import { deepEqual, equal } from 'node:assert/strict'
import type { ClaimedRequest } from '@syncline/core'
import { otherStaff, staff } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { prepareScopes, refuses } from './passes.ts'

const request = { connectorId: staff.connectorId, principalId: 'mona', key: 'k-1' }
const first = { ...request, fingerprint: 'f-1', effectId: 'e-1', leaseMs: 60_000 }

const claimOf = (claimed: ClaimedRequest) => {
  if (claimed.kind !== 'claimed') throw new Error(`The request is ${claimed.kind}`)
  return { ...request, claim: claimed.claim, effectId: claimed.effectId }
}

export function testKeyedRequests(suite: StoreSuite): void {
  storeCases(suite, 'KeyedRequestStore', (test) => {
    test('claim gives a request to one of any number of callers', async ({ store }) => {
      await prepareScopes(store, staff)
      const kinds = await Promise.all(
        Array.from({ length: 5 }, async (_, place) => {
          const claimed = await store.requests.claim({ ...first, effectId: `e-${place}` })
          return claimed.kind === 'claimed' || claimed.kind === 'busy'
            ? [claimed.kind, claimed.effectId]
            : [claimed.kind]
        }),
      )
      equal(kinds.filter(([kind]) => kind === 'claimed').length, 1)
      equal(kinds.filter(([kind]) => kind === 'busy').length, 4)
      equal(new Set(kinds.map(([, effectId]) => effectId)).size, 1)
    })

    test('a request of another principal, key or connector is another one', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const requests = store.requests
      const others = [
        {},
        { principalId: 'otto' },
        { key: 'K-1' },
        { connectorId: otherStaff.connectorId },
        // Joined, these two would be one.
        { principalId: 'a b', key: 'c' },
        { principalId: 'a', key: 'b c' },
      ]
      for (const change of others) equal((await requests.claim({ ...first, ...change })).kind, 'claimed')
    })

    test('claim answers reused for another fingerprint, whatever the request stands at', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const requests = store.requests
      const other = { ...first, fingerprint: 'f-2' }
      const claim = claimOf(await requests.claim(first))
      deepEqual(await requests.claim(other), { kind: 'reused' })
      await requests.answer(claim, 'done')
      deepEqual(await requests.claim(other), { kind: 'reused' })
    })

    test('answer keeps what later attempts are answered', async ({ store }) => {
      await prepareScopes(store, staff)
      const requests = store.requests
      const claim = claimOf(await requests.claim(first))
      equal(await requests.answer(claim, '{"ü":"\u2028"}'), true)
      deepEqual(await requests.claim({ ...first, effectId: 'e-2' }), {
        kind: 'answered',
        answer: '{"ü":"\u2028"}',
      })
      equal(await requests.answer(claim, 'other'), false)
    })

    test('release ends a claim: the next attempt gets it, with the same effect id', async ({ store }) => {
      await prepareScopes(store, staff)
      const requests = store.requests
      const lost = claimOf(await requests.claim(first))
      await requests.release(lost)
      deepEqual(await requests.claim({ ...first, effectId: 'e-2' }), {
        kind: 'claimed',
        claim: 2,
        effectId: 'e-1',
      })
      await requests.release(lost)
      equal((await requests.claim(first)).kind, 'busy')
    })

    test('a claim whose lease ended is claimed again, and its holder answers no more', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      const requests = store.requests
      const lost = claimOf(await requests.claim(first))
      await timePasses(61_000)
      const won = claimOf(await requests.claim(first))
      equal(await requests.answer(lost, 'late'), false)
      equal(await requests.answer(won, 'done'), true)
    })

    test('claim throws CONNECTOR_NOT_FOUND, and requests go with their connector', async ({ store }) => {
      const requests = store.requests
      await refuses('CONNECTOR_NOT_FOUND', () => requests.claim(first))
      await prepareScopes(store, staff)
      await requests.answer(claimOf(await requests.claim(first)), 'done')
      await store.connectors.remove(staff.connectorId)
      await prepareScopes(store, staff)
      equal((await requests.claim(first)).kind, 'claimed')
    })

    test('a claim from before its connector was removed answers and releases nothing of a later one', async ({
      store,
    }) => {
      const requests = store.requests
      await prepareScopes(store, staff)
      const lost = claimOf(await requests.claim(first))
      await store.connectors.remove(staff.connectorId)
      await prepareScopes(store, staff)
      const won = claimOf(await requests.claim({ ...first, effectId: 'e-2' }))
      equal(await requests.answer(lost, 'of another owner'), false)
      await requests.release(lost)
      equal((await requests.claim(first)).kind, 'busy')
      equal(await requests.answer(won, 'done'), true)
    })

    test('prune forgets the oldest first, up to the limit, and none that is younger', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      const requests = store.requests
      for (const key of ['1', '2', '3']) await requests.claim({ ...first, key })
      await timePasses(1_000)
      await requests.claim({ ...first, key: '4' })
      equal(await requests.prune({ olderThanMs: 500, limit: 2 }), 2)
      equal(await requests.prune({ olderThanMs: 500, limit: 2 }), 1)
      equal(await requests.prune({ olderThanMs: 500, limit: 2 }), 0)
      const kinds = []
      for (const key of ['1', '4']) kinds.push((await requests.claim({ ...first, key })).kind)
      deepEqual(kinds, ['claimed', 'busy'])
    })
  })
}
