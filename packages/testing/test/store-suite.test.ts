import type { Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testStore } from '../src/conformance/store-suite.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { plantedBugs } from './planted-bugs.ts'

interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

/** The cases of the suite over a memory store that was changed, not run yet. */
function casesOver(change: (store: Store) => Store): readonly Case[] {
  const cases: Case[] = []
  testStore({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createStore() {
      const clock = fakeClock()
      const store = memoryStore({ clock })
      return { store: change(store), timePasses: (ms) => clock.advance(ms), close: () => store.close() }
    },
  })
  return cases
}

const failing = (cases: readonly Case[]): Promise<readonly boolean[]> =>
  Promise.all(
    cases.map(({ run }) =>
      run().then(
        () => false,
        () => true,
      ),
    ),
  )

describe('testStore', () => {
  test('names each case once', () => {
    const names = casesOver((store) => store).map(({ name }) => name)
    expect(names.length).toBeGreaterThan(100)
    const repeated = names.filter((name, index) => names.indexOf(name) !== index)
    expect(repeated).toEqual([])
  })

  test('passes over the reference store, its cases side by side', async () => {
    const cases = casesOver((store) => store)
    const failed = await failing(cases)
    expect(cases.filter((_, index) => failed[index]).map(({ name }) => name)).toEqual([])
  })

  test('closes every store it made, also when a case fails', async () => {
    let [opened, closed] = [0, 0]
    const runs: (() => Promise<void>)[] = []
    testStore({
      describe: (_, declare) => declare(),
      test: (_, run) => runs.push(run),
      async createStore() {
        opened += 1
        const store = memoryStore({ clock: fakeClock() })
        return {
          store,
          timePasses: () => Promise.reject(new Error('no time')),
          close: async () => void (closed += 1),
        }
      },
    })
    const results = await Promise.allSettled(runs.map((run) => run()))
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
    expect([opened, closed]).toEqual([runs.length, runs.length])
  })

  test.each(Object.entries(plantedBugs))('goes red when %s', async (_, { caughtBy, plant }) => {
    for (const part of caughtBy) {
      const cases = casesOver(plant).filter(({ name }) => name.includes(part))
      expect({ part, cases: cases.length > 0 }).toEqual({ part, cases: true })
      expect({ part, caught: (await failing(cases)).includes(true) }).toEqual({ part, caught: true })
    }
  })
})
