import { memoryCredentialStore } from '@syncline/core/memory'
import { fakeClock, testCredentialStore } from '@syncline/testing'
import { describe, test } from 'vitest'

testCredentialStore({
  describe,
  test,
  createStore: async () => {
    const clock = fakeClock()
    const store = memoryCredentialStore({ clock })
    return { store, other: store, timePasses: (ms) => clock.advance(ms), close: async () => {} }
  },
})
