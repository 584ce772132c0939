import { setImmediate as turn } from 'node:timers/promises'
import { createSyncline } from '@syncline/core'
import { memoryQueue, memoryStore } from '@syncline/core/memory'
import { chaosPort, fakeClock, recordingSink, scriptedConnector } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people, type Stage, setStage, users } from './stage.ts'

const minute = 60_000
const manual = { manualClock: true }

async function settle(): Promise<void> {
  for (let turns = 0; turns < 60; turns++) await turn()
}

const statusOf = async (stage: Stage, runId: string) => (await stage.syncline.runs.get(runId))?.status

describe('trigger', () => {
  test('answers a queued run at once; a started process carries it out under the same id', async () => {
    const stage = await setStage([people(3)], manual)
    const queued = await stage.syncline.trigger({ ...users, mode: 'full' })
    expect(queued).toMatchObject({ ...users, status: 'queued', requested: { mode: 'full' } })
    expect(await stage.syncline.status(users)).toMatchObject({
      status: 'running',
      progress: { current: 0, message: 'Waits for a worker' },
    })
    await settle()
    expect(await statusOf(stage, queued.runId)).toBe('queued')
    await stage.syncline.start()
    await settle()
    expect(await stage.syncline.runs.get(queued.runId)).toMatchObject({
      status: 'success',
      queuedAt: queued.queuedAt,
      stats: { added: 3 },
    })
    await stage.syncline.stop()
  })

  test('with wait resolves with the ended run', async () => {
    const stage = await setStage([people(3)])
    await stage.syncline.start()
    expect(await stage.syncline.trigger({ ...users, wait: true })).toMatchObject({ status: 'success' })
    await stage.syncline.stop()
  })

  test('the signal ends the waiting, not the run', async () => {
    const stage = await setStage([people(3)], manual)
    const abort = new AbortController()
    const waiting = stage.syncline.trigger({ ...users, wait: true, signal: abort.signal })
    await settle()
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await stage.syncline.start()
    await settle()
    const [run] = await stage.syncline.runs.list()
    expect(run?.status).toBe('success')
    await stage.syncline.stop()
  })

  test('is refused with the id of the run that is queued, or runs', async () => {
    const stage = await setStage([{ delayMs: minute, resources: people(1) }], manual)
    const { runId } = await stage.syncline.trigger(users)
    const busy = { code: 'SYNC_ALREADY_RUNNING', details: { runId } }
    await expect(stage.syncline.trigger(users)).rejects.toMatchObject(busy)
    await stage.syncline.start()
    await settle()
    expect(await statusOf(stage, runId)).toBe('running')
    await expect(stage.syncline.trigger(users)).rejects.toMatchObject(busy)
    await stage.syncline.stop()
  })

  test.each([
    ['CONNECTOR_NOT_FOUND', { ...users, connectorId: 'nobody' }],
    ['RESOURCE_TYPE_UNKNOWN', { ...users, resourceType: 'planet' }],
  ])('of what cannot be is refused with %s, and nothing is queued', async (code, request) => {
    const stage = await setStage([people(1)], manual)
    await expect(stage.syncline.trigger(request)).rejects.toMatchObject({ code })
    expect(await stage.syncline.runs.list()).toEqual([])
  })

  test('a queued run that is cancelled never begins', async () => {
    const stage = await setStage([people(3)], manual)
    const { runId } = await stage.syncline.trigger(users)
    expect(await stage.syncline.runs.cancel(runId)).toBe(true)
    await stage.syncline.start()
    await settle()
    expect(await statusOf(stage, runId)).toBe('cancelled')
    expect(stage.connector.requests).toEqual([])
    await stage.syncline.stop()
  })

  test('a queued run that cannot begin ends as error, saying why', async () => {
    const stage = await setStage([people(3)], manual)
    const { runId } = await stage.syncline.trigger(users)
    await stage.syncline.connectors.save({
      connectorId: 'acme',
      type: stage.connector.type,
      status: 'paused',
    })
    await stage.syncline.start()
    await settle()
    expect(await stage.syncline.runs.get(runId)).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_PAUSED' },
    })
    await stage.syncline.stop()
  })

  test('a run whose job was lost with the queue begins within a minute', async () => {
    const stage = await setStage([people(3)], manual)
    // This process's own queue ends with it.
    const { runId } = await stage.syncline.trigger(users)
    await stage.syncline.stop()
    const other = stage.another()
    await other.start()
    await settle()
    expect((await other.runs.get(runId))?.status).toBe('success')
    await other.stop()
  })

  test('a queue that is away delays a run, and refuses nobody', async () => {
    const clock = fakeClock()
    const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(1)] } } })
    const down = { method: 'add', call: 1, when: 'before', kind: 'fail' } as const
    const queue = chaosPort(memoryQueue({ clock }), down)
    const syncline = createSyncline({
      store: memoryStore({ clock }),
      queue: queue.port,
      connectorTypes: [connector],
      clock,
    })
    await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
    const { runId } = await syncline.trigger(users)
    expect(queue.fired).toBe(true)
    await syncline.start()
    await settle()
    expect((await syncline.runs.get(runId))?.status).toBe('success')
    await syncline.stop()
  })

  test('goes before what is scheduled', async () => {
    const pages = [{ delayMs: 1_000, resources: people(1) }]
    const limits = { maxConcurrentRuns: 1, maxStaggerMs: 0 }
    const stage = await setStage(pages, { ...manual, limits, group: { pages } })
    await stage.syncline.configs.save({ ...users, enabled: true, cronSchedule: '* * * * *' })
    await stage.clock.advance(5 * minute)
    const groups = { connectorId: 'acme', resourceType: 'group' }
    const { runId } = await stage.syncline.trigger(groups)
    await stage.syncline.start()
    await settle()
    const [first] = await stage.syncline.runs.list({ status: 'running' })
    expect([first?.runId, first?.resourceType]).toEqual([runId, 'group'])
    await stage.syncline.stop()
  })
})

test('stop() returns within its deadline, also while the store does not answer', async () => {
  const clock = fakeClock()
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(1)] } } })
  const store = memoryStore({ clock })
  const never = new Promise<never>(() => undefined)
  const hung = { ...store, runs: { ...store.runs, finish: () => never } }
  const syncline = createSyncline({
    store: hung,
    connectorTypes: [connector],
    clock,
    limits: { stopTimeoutMs: 5_000 },
  })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  void syncline.sync(users)
  await settle()
  let stopped = false
  const stop = async (): Promise<void> => {
    await syncline.stop()
    stopped = true
  }
  const stopping = stop()
  await clock.advance(4_999)
  expect(stopped).toBe(false)
  await clock.advance(1)
  await stopping
  expect(stopped).toBe(true)
})

test('a process that is started without work takes no jobs, but sees to it that others have some', async () => {
  const clock = fakeClock()
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(1)] } } })
  const [store, queue] = [memoryStore({ clock }), memoryQueue({ clock })]
  const limits = { maxStaggerMs: 0 }
  const [scheduler, worker] = [0, 1].map(() =>
    createSyncline({ store, queue, connectorTypes: [connector], clock, limits }),
  )
  if (!scheduler || !worker) throw new Error('two of them')
  await scheduler.connectors.save({ connectorId: 'acme', type: connector.type })
  await scheduler.configs.save({ ...users, enabled: true, cronSchedule: '0 * * * *' })
  await scheduler.start({ work: false })
  await clock.advance(2 * 60 * minute)
  await settle()
  expect(await scheduler.runs.list()).toEqual([])
  expect(await queue.schedules()).toMatchObject([
    { scheduleId: 'cr-sync-acme-user', recurrence: { cron: '0 * * * *' } },
    { scheduleId: 'syncline-retention' },
  ])
  await worker.start()
  await settle()
  expect(await scheduler.runs.list()).toMatchObject([{ status: 'success' }])
  await Promise.all([scheduler.stop(), worker.stop()])
  await queue.close()
})

test('schedules of two scopes whose names run together are two', async () => {
  const clock = fakeClock()
  const pages = [people(1)]
  const connector = scriptedConnector({ resourceTypes: { c: { pages }, 'b-c': { pages } } })
  const queue = memoryQueue({ clock })
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    queue,
    connectorTypes: [connector],
    clock,
  })
  for (const [connectorId, resourceType] of [
    ['a-b', 'c'],
    ['a', 'b-c'],
  ] as const) {
    await syncline.connectors.save({ connectorId, type: connector.type })
    await syncline.configs.save({ connectorId, resourceType, enabled: true, cronSchedule: '0 * * * *' })
  }
  await syncline.start({ work: false })
  const ids = (await queue.schedules()).map(({ scheduleId }) => scheduleId)
  expect(ids).toEqual(['cr-sync-a-b%2Dc', 'cr-sync-a-b-c', 'syncline-retention'])
  await syncline.stop()
})

test('retention removes old runs, stale resources no run purges, and changes where it is said', async () => {
  const clock = fakeClock()
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(3)] } } })
  const sink = recordingSink()
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    connectorTypes: [connector],
    clock,
    onEvent: sink.onEvent,
    retention: { runs: '10d', changes: '2d' },
    limits: { sweepBatch: 1 },
  })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  await syncline.configs.save({ ...users, staleRetention: '1d', removalGuard: null })
  await syncline.sync(users)
  connector.script('user', [people(1)])
  await syncline.sync(users)
  const [newest] = await syncline.runs.list()
  await syncline.start()
  await clock.advance(1.5 * 24 * 60 * minute)
  await settle()
  expect((await syncline.resources.list(users)).data.map(({ externalId }) => externalId)).toEqual(['u0'])
  expect((await syncline.changes.read(users)).length).toBeGreaterThan(0)
  await clock.advance(20 * 24 * 60 * minute)
  await settle()
  expect(await syncline.runs.list()).toEqual([newest])
  await expect(syncline.changes.read(users)).rejects.toMatchObject({ code: 'CHANGES_EXPIRED' })
  await syncline.stop()
})
