import { createSyncline, defineConnector, type Store } from '@syncline/core'
import { memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import { chaosStore, fakeClock, pagesOf, scriptedConnector } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { people, users } from './stage.ts'

const hourMs = 3_600_000

/** A store whose first sweep batch calls back once it is committed. */
function afterFirstMark(store: Store, act: () => void): Store {
  let first = true
  return {
    ...store,
    resources: {
      ...store.resources,
      async markStale(request) {
        const batch = await store.resources.markStale(request)
        if (first) act()
        first = false
        return batch
      },
    },
  }
}

/** Ten people were listed, then two: the sweep of the other eight is interrupted after the first two. */
async function interruptSweep(interruption: 'cancelled' | 'killed') {
  const clock = fakeClock({ auto: true })
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(10)] } }, clock })
  const store = memoryStore({ clock })
  const directory = memoryUserDirectory({
    users: people(10).map(({ externalId, email }) => ({
      userId: externalId,
      status: 'active' as const,
      email: email ?? undefined,
    })),
  })
  const processOn = (on: Store) =>
    createSyncline({
      store: on,
      connectorTypes: [connector],
      users: directory,
      clock,
      limits: { sweepBatch: 2 },
    })
  const abort = new AbortController()
  const interrupt = (): void => {
    if (interruption === 'killed') throw new Error('dead')
    abort.abort()
  }
  const syncline = processOn(store)
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  await syncline.configs.save({
    ...users,
    deactivateUsers: true,
    removalGuard: null,
    deactivationGuard: null,
  })
  await syncline.sync(users)
  connector.script('user', [people(2)])
  const dying = processOn(afterFirstMark(store, interrupt))
  if (interruption === 'killed') {
    // A dead process finishes nothing: its run keeps the status `running`.
    const dead = { ...afterFirstMark(store, interrupt) }
    dead.runs = { ...store.runs, finish: () => Promise.reject(new Error('dead')) }
    await expect(processOn(dead).sync(users)).rejects.toThrow('dead')
  } else expect((await dying.sync({ ...users, signal: abort.signal })).status).toBe('cancelled')
  const requestsBefore = connector.requests.length
  return { clock, connector, syncline, directory, asked: () => connector.requests.length - requestsBefore }
}

describe.each(['cancelled', 'killed'] as const)('a sweep that was %s', (interruption) => {
  test('begins a new listing when it is resumed a day later, and deactivates nobody who is back', async () => {
    const stage = await interruptSweep(interruption)
    await stage.clock.advance(23 * hourMs)
    stage.connector.script('user', [people(8)])
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'success', stats: { staled: 2, restored: 2 } })
    expect(run.resumedFrom).toBeUndefined()
    expect(stage.asked()).toBe(1)
    const found = await stage.directory.get(people(10).map(({ externalId }) => externalId))
    const deactivated = found.filter(({ status }) => status === 'deactivated').map(({ userId }) => userId)
    expect(deactivated.filter((userId) => !['u8', 'u9'].includes(userId))).toEqual([])
  })

  test('is resumed without a request within one lease and one poll', async () => {
    const stage = await interruptSweep(interruption)
    await stage.clock.advance(interruption === 'killed' ? 30_000 + 15_000 : 15_000)
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { staled: 8 } })
    expect(stage.asked()).toBe(0)
  })
})

/** Two connectors, of which `slow` can be made to hang, and processes that die after a page. */
async function twoConnectors() {
  const clock = fakeClock()
  const scripted = scriptedConnector({ resourceTypes: { user: { pages: pagesOf(people(4), 2) } } })
  const hanging = Promise.withResolvers<void>()
  let hangs = false
  const type = defineConnector({
    type: 'scripted',
    displayName: 'Scripted, and slow',
    configSchema: z.unknown(),
    resourceTypes: {
      user: {
        async list(request, context) {
          if (hangs && context.connectorId === 'slow') await hanging.promise
          return (
            scripted.resourceTypes.user?.list(request, context) ?? {
              success: true,
              payload: { resources: [] },
            }
          )
        },
      },
    },
  })
  const store = memoryStore({ clock })
  const processOn = (on: Store) => createSyncline({ store: on, connectorTypes: [type], clock })
  const survivor = processOn(store)
  await survivor.connectors.save({ connectorId: 'slow', type: 'scripted' })
  await survivor.connectors.save({ connectorId: 'quick', type: 'scripted' })
  return {
    clock,
    survivor,
    hang: () => void (hangs = true),
    release: () => hanging.resolve(),
    async die(connectorId: string): Promise<void> {
      const fault = { kind: 'cut', method: 'resources.commitPage', call: 1, when: 'after' } as const
      const dying = processOn(chaosStore(store, fault).store)
      await expect(dying.sync({ connectorId, resourceType: 'user' })).rejects.toThrow('dead')
    },
  }
}

describe('recovery', () => {
  test('replaces a dead run within its lease plus one poll while another one is still resumed', async () => {
    const stage = await twoConnectors()
    await stage.die('slow')
    stage.hang()
    await stage.survivor.start()
    await stage.clock.advance(30_000 + 15_000)
    expect((await stage.survivor.runs.list({ connectorId: 'slow' }))[0]?.status).toBe('running')
    await stage.die('quick')
    await stage.clock.advance(30_000 + 15_000)
    expect((await stage.survivor.runs.list({ connectorId: 'quick' }))[0]?.status).toBe('success')
    stage.release()
    await stage.survivor.stop()
    expect(stage.clock.timers).toBe(0)
  })
})
