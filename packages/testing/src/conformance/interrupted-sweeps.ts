import { equal } from 'node:assert/strict'
import { createSyncline, type Store, type UpstreamRecord } from '@syncline/core'
import { scriptedConnector } from '../scripted-connector.ts'
import { type StoreSuite, storeCases } from './harness.ts'

const scope = { connectorId: 'swept', resourceType: 'user' }

const people = (count: number): UpstreamRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    externalId: `u${index}`,
    displayName: `Person ${index}`,
    attributes: {},
  }))

/** Lists ten people, then two, and cancels the run after the first batch of its sweep. */
async function interruptSweep(store: Store) {
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(10)] } } })
  const syncline = createSyncline({ store, connectorTypes: [connector], limits: { sweepBatch: 2 } })
  await syncline.connectors.save({ connectorId: scope.connectorId, type: connector.type })
  await syncline.configs.save({ ...scope, removalGuard: null })
  await syncline.sync(scope)
  connector.script('user', [people(2)])
  const abort = new AbortController()
  const resources = {
    ...store.resources,
    async markStale(request: Parameters<Store['resources']['markStale']>[0]) {
      const batch = await store.resources.markStale(request)
      abort.abort()
      return batch
    },
  }
  const interrupted = createSyncline({
    store: { ...store, resources },
    connectorTypes: [connector],
    limits: { sweepBatch: 2 },
  })
  equal((await interrupted.sync({ ...scope, signal: abort.signal })).status, 'cancelled')
  return { connector, syncline }
}

export function testInterruptedSweeps(suite: StoreSuite): void {
  storeCases(suite, 'a sweep that was interrupted', (test) => {
    test('is resumed within one lease and one poll without another listing', async (harness) => {
      const { connector, syncline } = await interruptSweep(harness.store)
      const asked = connector.requests.length
      await harness.timePasses(40_000)
      const run = await syncline.sync(scope)
      equal(run.status, 'success')
      equal(run.stats.staled, 8)
      equal(connector.requests.length, asked)
    })

    test('gives way to a new listing later: what is back upstream is not marked stale', async (harness) => {
      const { connector, syncline } = await interruptSweep(harness.store)
      await harness.timePasses(23 * 3_600_000)
      connector.script('user', [people(8)])
      const run = await syncline.sync(scope)
      equal(run.resumedFrom, undefined)
      equal(run.stats.staled, 2)
      for (const { externalId } of people(8)) {
        equal((await syncline.resources.get({ ...scope, externalId }))?.staleSince, undefined)
      }
    })
  })
}
