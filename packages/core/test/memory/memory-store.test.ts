import { memoryStore } from '@syncline/core/memory'
import { fakeClock, testStore } from '@syncline/testing'
import { describe, test } from 'vitest'

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
})
