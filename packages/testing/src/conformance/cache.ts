import { deepEqual, equal, fail, notEqual } from 'node:assert/strict'
import type { Cache, CacheTarget, ResourceRef } from '@syncline/core'

/** A cache under test, empty when handed over, and what a suite needs besides its port. */
export interface CacheHarness {
  readonly cache: Cache
  /** A second one on the same data, as another process has it; the same one where there is nothing to share. */
  readonly other: Cache
  /** Makes everything that is kept `ms` older. */
  readonly timePasses: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a cache: works with vitest, node:test, mocha and jest. */
export interface CacheSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly createCache: () => Promise<CacheHarness>
}

type DeclareCase = (name: string, run: (harness: CacheHarness) => Promise<void>) => void

/**
 * Holds a cache to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testCache({ describe, test, createCache: async () => ({ cache, other, timePasses, close }) })
 * ```
 */
export function testCache(suite: CacheSuite): void {
  const group = (name: string, declare: (test: DeclareCase) => void): void => {
    suite.describe(name, () =>
      declare((caseName, run) => {
        suite.test(caseName, async () => {
          const harness = await suite.createCache()
          try {
            await run(harness)
          } finally {
            await harness.close()
          }
        })
      }),
    )
  }
  group('Cache: keeping', testKeeping)
  group('Cache: tickets', testTickets)
  group('Cache: invalidation', testInvalidation)
  group('Cache: identity', testIdentity)
}

const ada: ResourceRef = { connectorId: 'acme', resourceType: 'user', externalId: 'ada' }
const grace: ResourceRef = { ...ada, externalId: 'grace' }
const admins: ResourceRef = { ...ada, resourceType: 'group', externalId: 'admins' }
const elsewhere: ResourceRef = { ...ada, connectorId: 'other' }
const ttlMs = 300_000
const ticketMs = 60_000

const ticketFor = async (cache: Cache, ref: ResourceRef): Promise<string> => {
  const found = await cache.lookUp(ref)
  return found.kind === 'miss' ? found.ticket : fail(`${JSON.stringify(ref)} is kept: ${found.value}`)
}
const keep = async (cache: Cache, ref: ResourceRef, value: string): Promise<void> => {
  equal(await cache.store({ ref, ticket: await ticketFor(cache, ref), value, ttlMs }), true)
}
/** Undefined for a miss. */
const valueOf = async (cache: Cache, ref: ResourceRef): Promise<string | undefined> => {
  const found = await cache.lookUp(ref)
  return found.kind === 'hit' ? found.value : undefined
}

function testKeeping(test: DeclareCase): void {
  test('what was stored with the ticket of a look-up is a hit in every process', async ({ cache, other }) => {
    equal(await valueOf(cache, ada), undefined)
    await keep(cache, ada, '{"name":"Ada"}')
    deepEqual(await cache.lookUp(ada), { kind: 'hit', value: '{"name":"Ada"}' })
    deepEqual(await other.lookUp(ada), { kind: 'hit', value: '{"name":"Ada"}' })
  })

  test('a value is served for its ttlMs and not longer', async ({ cache, timePasses }) => {
    await keep(cache, ada, 'old')
    await timePasses(ttlMs - 30_000)
    equal(await valueOf(cache, ada), 'old')
    await timePasses(30_001)
    equal(await valueOf(cache, ada), undefined)
  })

  test('any text comes back as it was stored', async ({ cache }) => {
    const texts = ['', 'null', '=', '?', '\0', '"\\ud83d"', 'Ünïcödé 😀', '\r\n$5\r\n', 'x'.repeat(1_000_000)]
    for (const [index, text] of texts.entries()) {
      const ref = { ...ada, externalId: `text-${index}` }
      await keep(cache, ref, text)
      equal(await valueOf(cache, ref), text)
    }
  })
}

function testTickets(test: DeclareCase): void {
  test('whoever looks before the value is stored is given the same ticket', async ({ cache, other }) => {
    const tickets = await Promise.all([cache, other, cache, other].map((one) => ticketFor(one, ada)))
    equal(new Set(tickets).size, 1)
    equal(await ticketFor(other, ada), tickets[0])
    notEqual(await ticketFor(cache, grace), tickets[0])
  })

  test('of several holders of a ticket the first one stores', async ({ cache, other }) => {
    const ticket = await ticketFor(cache, ada)
    equal(await cache.store({ ref: ada, ticket, value: 'first', ttlMs }), true)
    equal(await other.store({ ref: ada, ticket, value: 'second', ttlMs }), false)
    equal(await valueOf(cache, ada), 'first')
  })

  test('nothing is stored with a ticket that was not given for the resource', async ({ cache }) => {
    const ticket = await ticketFor(cache, grace)
    equal(await cache.store({ ref: ada, ticket, value: 'wrong', ttlMs }), false)
    await ticketFor(cache, ada)
    equal(await cache.store({ ref: ada, ticket, value: 'wrong', ttlMs }), false)
    equal(await cache.store({ ref: ada, ticket: '', value: 'wrong', ttlMs }), false)
    equal(await valueOf(cache, ada), undefined)
  })

  test('a ticket holds for a minute', async ({ cache, timePasses }) => {
    const early = await ticketFor(cache, ada)
    await timePasses(ticketMs - 5_000)
    equal(await ticketFor(cache, ada), early)
    await timePasses(5_001)
    equal(await cache.store({ ref: ada, ticket: early, value: 'late', ttlMs }), false)
    notEqual(await ticketFor(cache, ada), early)
    equal(await cache.store({ ref: ada, ticket: early, value: 'late', ttlMs }), false)
    equal(await valueOf(cache, ada), undefined)
  })
}

const everyone = [ada, grace, admins, elsewhere]
const whole = ({ connectorId, resourceType }: ResourceRef) => ({
  resource: ada,
  type: { connectorId, resourceType },
  connector: { connectorId },
})
const targets: readonly (readonly [string, CacheTarget, readonly ResourceRef[]])[] = [
  ['one resource', whole(ada).resource, [ada]],
  ['a type', whole(ada).type, [ada, grace]],
  ['a connector', whole(ada).connector, [ada, grace, admins]],
]

function testInvalidation(test: DeclareCase): void {
  for (const [name, target, gone] of targets) {
    test(`invalidating ${name} forgets exactly that, in every process`, async ({ cache, other }) => {
      for (const ref of everyone) await keep(cache, ref, 'old')
      await other.invalidate(target)
      for (const ref of everyone) {
        const expected = gone.includes(ref) ? undefined : 'old'
        equal(await valueOf(cache, ref), expected, JSON.stringify(ref))
        equal(await valueOf(other, ref), expected, JSON.stringify(ref))
      }
    })

    test(`a ticket from before the invalidation of ${name} stores nothing`, async ({ cache, other }) => {
      const ticket = await ticketFor(cache, ada)
      await other.invalidate(target)
      equal(await cache.store({ ref: ada, ticket, value: 'old', ttlMs }), false)
      // Whatever else was looked up since.
      for (const ref of [grace, admins]) await ticketFor(other, ref)
      equal(await cache.store({ ref: ada, ticket, value: 'old', ttlMs }), false)
      equal(await valueOf(other, ada), undefined)
      equal(await cache.store({ ref: ada, ticket, value: 'old', ttlMs }), false)
      equal(await valueOf(cache, ada), undefined)
    })

    test(`a value fetched after the invalidation of ${name} is kept and stays`, async ({ cache, other }) => {
      const early = await ticketFor(cache, ada)
      await other.invalidate(target)
      await keep(other, ada, 'new')
      equal(await cache.store({ ref: ada, ticket: early, value: 'old', ttlMs }), false)
      equal(await valueOf(cache, ada), 'new')
    })
  }

  test('an invalidation is safe to repeat, and for what was never kept', async ({ cache }) => {
    for (const [, target] of targets) {
      await cache.invalidate(target)
      await cache.invalidate(target)
    }
    await keep(cache, ada, 'new')
    equal(await valueOf(cache, ada), 'new')
  })

  test('nothing from before comes back by invalidating again', async ({ cache }) => {
    await keep(cache, ada, 'old')
    for (const target of [whole(ada).type, whole(ada).connector, whole(ada).type]) {
      await cache.invalidate(target)
      equal(await valueOf(cache, ada), undefined)
    }
  })
}

function testIdentity(test: DeclareCase): void {
  test('the key is three fields, byte for byte', async ({ cache }) => {
    const refs: ResourceRef[] = [
      ['a', 'b', 'c'],
      ['a', 'b', 'c:d'],
      ['a', 'b:c', 'd'],
      ['a:b', 'c', 'd'],
      ['a', 'b%3Ac', 'd'],
      ['a%3Ab', 'c', 'd'],
      ['a', 'b', 'c%3Ad'],
      ['a', 'b', ''],
      ['a', 'b', 'C'],
      ['a', 'b', '\u00e9'],
      ['a', 'b', 'e\u0301'],
      ['a', 'b', '\ud83d'],
      ['a', 'b', '\ude00'],
      ['a', 'b', '\ufffd'],
      ['a', 'b', '😀'],
      ['a', 'b', '%ud83d'],
      ['a', 'b', '007'],
      ['a', 'b', '7'],
    ].map(([connectorId = '', resourceType = '', externalId = '']) => ({
      connectorId,
      resourceType,
      externalId,
    }))
    for (const [index, ref] of refs.entries()) await keep(cache, ref, `${index}`)
    for (const [index, ref] of refs.entries())
      equal(await valueOf(cache, ref), `${index}`, JSON.stringify(ref))
    await cache.invalidate({ connectorId: 'a', resourceType: 'b', externalId: 'c' })
    for (const [index, ref] of refs.entries())
      equal(await valueOf(cache, ref), index === 0 ? undefined : `${index}`, JSON.stringify(ref))
  })
}
