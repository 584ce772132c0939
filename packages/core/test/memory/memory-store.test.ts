import { memoryStore } from '@syncline/core/memory'
import { fakeClock, testStore } from '@syncline/testing'
import { describe, expect, test } from 'vitest'

describe('memoryStore', () => {
  testStore({
    describe,
    test,
    async createStore() {
      const clock = fakeClock()
      const store = memoryStore({ clock })
      return { store, timePasses: (ms) => clock.advance(ms), close: () => store.close() }
    },
  })

  test('goes by the system’s time and makes UUIDs unless it is told otherwise', async () => {
    const store = memoryStore()
    const definition = { tenantId: 't', type: 'x', name: 'HR', config: {}, status: 'active' as const }
    const saved = await store.connectors.save({ connectorId: 'hr', ...definition })
    expect(Math.abs(saved.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
    const scope = { connectorId: 'hr', resourceType: 'user' }
    const record = { externalId: '1', displayName: '', email: null, attributesJson: '{}', hash: 'h' }
    await store.resources.upsertOne({ scope, record })
    expect((await store.resources.get({ ...scope, externalId: '1' }))?.resourceId).toMatch(/^[\da-f]{8}-/)
  })
})
