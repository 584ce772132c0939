import type { CredentialStore } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testCredentialStore } from '../src/conformance/credential-store.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedCredentialBugs } from './planted-credential-bugs.ts'

/** The cases of the suite over a memory store that was changed, not run yet. */
function casesOver(change: (store: CredentialStore) => Partial<CredentialStore>) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = []
  testCredentialStore({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createStore() {
      const clock = fakeClock()
      const inner = memoryCredentialStore({ clock })
      const store = { ...inner, ...change(inner) }
      return { store, other: store, timePasses: (ms) => clock.advance(ms), close: async () => {} }
    },
  })
  return cases
}

describe('testCredentialStore', () => {
  test('names each case once', () => {
    const names = casesOver(() => ({})).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(Object.entries(plantedCredentialBugs))('goes red when %s', async (_, { caughtBy, plant }) => {
    const [found, ...more] = casesOver(plant).filter(({ name }) => name.includes(caughtBy))
    expect(more).toEqual([])
    await expect(found?.run()).rejects.toMatchObject({ name: 'AssertionError' })
  })
})
