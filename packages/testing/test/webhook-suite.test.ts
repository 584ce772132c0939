import type { Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { testWebhookStore } from '../src/conformance/webhook-store.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { type PlantedWebhookBug, plantedPageBugs, plantedWebhookBugs } from './planted-webhook-bugs.ts'

interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

/** The cases of the suite over a memory store that was changed, not run yet. */
function casesOver(change: (store: Store) => Store): readonly Case[] {
  const cases: Case[] = []
  testWebhookStore({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    async createStore() {
      const clock = fakeClock()
      const store = change(memoryStore({ clock }))
      return { store, timePasses: (ms) => clock.advance(ms), close: () => store.close() }
    },
  })
  return cases
}

describe('testWebhookStore', () => {
  test('names each case once', () => {
    const names = casesOver((store) => store).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  const inWebhooks = Object.entries(plantedWebhookBugs).map(
    ([name, { caughtBy, plant }]): [string, PlantedWebhookBug<Store>] => [
      name,
      {
        caughtBy,
        plant: (store) => {
          const { webhooks } = store
          return webhooks ? { ...store, webhooks: { ...webhooks, ...plant(webhooks) } } : store
        },
      },
    ],
  )

  test.each([...inWebhooks, ...Object.entries(plantedPageBugs)])('goes red when %s', async (_, bug) => {
    const { caughtBy, plant } = bug
    const found = casesOver(plant).filter(({ name }) => name === caughtBy)
    expect(found).toHaveLength(1)
    await expect(found[0]?.run()).rejects.toMatchObject({ name: 'AssertionError' })
  })
})
