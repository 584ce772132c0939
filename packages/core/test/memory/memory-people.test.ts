import { createUuidV7 } from '@syncline/core'
import { memoryProfileStore, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { fakeClock, testPeopleStore, testProfileStore, testUserDirectory } from '@syncline/testing'
import { describe, test } from 'vitest'

testPeopleStore({
  describe,
  test,
  async createStore() {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    return { store, timePasses: (ms) => clock.advance(ms), close: () => store.close() }
  },
})

testUserDirectory({
  describe,
  test,
  async createDirectory() {
    const directory = memoryUserDirectory()
    const nextId = createUuidV7()
    return {
      directory,
      async insert(users) {
        const inserted = users.map((user) => ({ userId: nextId(), ...user }))
        for (const user of inserted) directory.put(user)
        return inserted
      },
      async close() {},
    }
  },
})

testProfileStore({
  describe,
  test,
  createProfiles: async () => ({
    profiles: memoryProfileStore(),
    userIds: ['user-1', 'user-2'],
    async close() {},
  }),
})
