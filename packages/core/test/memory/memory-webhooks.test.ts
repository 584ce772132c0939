import { memoryStore } from '@syncline/core/memory'
import { fakeClock, testWebhookStore } from '@syncline/testing'
import { describe, test } from 'vitest'

describe('the webhooks of memoryStore', () => {
  testWebhookStore({
    describe,
    test,
    async createStore() {
      const clock = fakeClock()
      const store = memoryStore({ clock })
      return { store, timePasses: (ms) => clock.advance(ms), close: () => store.close() }
    },
  })
})
