import { createSyncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock, scriptedConnector } from '@syncline/testing'
import { expect, test } from 'vitest'

const scope = { connectorId: 'hr', resourceType: 'user' }
const records = ['1', '2'].map((externalId) => ({ externalId, displayName: externalId, attributes: {} }))

test('within one millisecond, what came before a listing is told from what came after', async () => {
  const clock = fakeClock()
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [records] } } })
  const store = memoryStore({ clock })
  const syncline = createSyncline({ store, clock, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'hr', type: 'scripted' })
  await syncline.configs.save(scope)
  await syncline.sync(scope)
  connector.script('user', [records.slice(0, 1)])
  const run = await syncline.sync(scope)
  expect([run.status, run.stats.staled]).toEqual(['success', 1])
  expect(run.startedAt).toEqual(clock.now())
})
