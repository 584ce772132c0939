import type { PeopleStore, ProfileStore, UserDirectory } from '@syncline/core'
import { memoryProfileStore, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testPeopleStore } from '../src/conformance/people-store.ts'
import { testProfileStore } from '../src/conformance/profile-store.ts'
import { testUserDirectory } from '../src/conformance/user-directory.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedDirectoryBugs, plantedPeopleBugs, plantedProfileBugs } from './planted-people-bugs.ts'

interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

type Change<Port> = (port: Port) => Partial<Port>

/** Collects cases instead of running them. */
const collector = (cases: Case[]) => ({
  describe: (_: string, declare: () => void) => declare(),
  test: (name: string, run: () => Promise<void>) => cases.push({ name, run }),
})

function storeCasesOver(change: Change<PeopleStore>): readonly Case[] {
  const cases: Case[] = []
  testPeopleStore({
    ...collector(cases),
    async createStore() {
      const clock = fakeClock()
      const inner = memoryStore({ clock })
      const store = {
        ...inner,
        ...(inner.people && { people: { ...inner.people, ...change(inner.people) } }),
      }
      return { store, timePasses: (ms) => clock.advance(ms), close: () => store.close() }
    },
  })
  return cases
}

function directoryCasesOver(change: Change<UserDirectory>): readonly Case[] {
  const cases: Case[] = []
  testUserDirectory({
    ...collector(cases),
    async createDirectory() {
      const inner = memoryUserDirectory()
      let inserted = 0
      return {
        directory: { ...inner, ...change(inner) },
        async insert(users) {
          const made = users.map((user) => ({ userId: `user-${(inserted += 1)}`, ...user }))
          for (const user of made) inner.put(user)
          return made
        },
        async close() {},
      }
    },
  })
  return cases
}

function profileCasesOver(change: Change<ProfileStore>): readonly Case[] {
  const cases: Case[] = []
  testProfileStore({
    ...collector(cases),
    async createProfiles() {
      const inner = memoryProfileStore()
      return { profiles: { ...inner, ...change(inner) }, userIds: ['user-1', 'user-2'], async close() {} }
    },
  })
  return cases
}

async function expectCaught(cases: readonly Case[], caughtBy: string): Promise<void> {
  const found = cases.filter(({ name }) => name.includes(caughtBy))
  expect(found).toHaveLength(1)
  await expect(found[0]?.run()).rejects.toMatchObject({ name: 'AssertionError' })
}

describe('the suites of post-sync', () => {
  test('name each case once', () => {
    for (const cases of [storeCasesOver, directoryCasesOver, profileCasesOver]) {
      const names = cases(() => ({})).map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test.each(Object.entries(plantedPeopleBugs))('testPeopleStore goes red when %s', (_, { caughtBy, plant }) =>
    expectCaught(storeCasesOver(plant), caughtBy),
  )

  test.each(Object.entries(plantedDirectoryBugs))(
    'testUserDirectory goes red when %s',
    (_, { caughtBy, plant }) => expectCaught(directoryCasesOver(plant), caughtBy),
  )

  test.each(Object.entries(plantedProfileBugs))(
    'testProfileStore goes red when %s',
    (_, { caughtBy, plant }) => expectCaught(profileCasesOver(plant), caughtBy),
  )
})
