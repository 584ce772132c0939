import { createSyncline } from '@syncline/core'
import { chaosStore, pagesOf } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people, person, type Stage, setStage, users } from './stage.ts'

/** Calls back when a page is asked for. */
const onPage =
  (page: number, act: () => void) =>
  ({ cursor }: { cursor?: string | undefined }) => {
    if (cursor === (page === 1 ? undefined : `page-${page}`)) act()
    return pagesOf(people(10), 2)
  }

describe('a run that is told to end', () => {
  test('by the host’s signal is cancelled and can be resumed', async () => {
    const abort = new AbortController()
    const stage = await setStage(onPage(3, () => abort.abort()))
    const run = await stage.syncline.sync({ ...users, signal: abort.signal })
    expect(run).toMatchObject({ status: 'cancelled', resumable: true, error: { code: 'RUN_CANCELLED' } })
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { added: 10 } })
  })

  test('by an operator stops with the page that tells it', async () => {
    const stage = await setStage(
      onPage(2, () => {
        const [running] = stage.sink.of('run.started')
        if (running) void stage.syncline.runs.cancel(running.runId)
      }),
    )
    expect((await stage.syncline.sync(users)).status).toBe('cancelled')
  })

  test('by the removal of its connector rejects with CONNECTOR_NOT_FOUND and names the removal', async () => {
    const stage = await setStage(onPage(2, () => void stage.syncline.connectors.remove('acme')))
    await expect(stage.syncline.sync(users)).rejects.toMatchObject({
      code: 'CONNECTOR_NOT_FOUND',
      message: expect.stringContaining('was removed while run'),
    })
    expect(await stage.syncline.runs.list({})).toEqual([])
  })

  test('cancelling a run that is not running says so', async () => {
    const stage = await setStage([people(1)])
    const run = await stage.syncline.sync(users)
    expect(await stage.syncline.runs.cancel(run.runId)).toBe(false)
  })

  test('by stop() ends partial, and stop waits for it', async () => {
    let stopping: Promise<void> | undefined
    const stage = await setStage(
      onPage(2, () => {
        stopping ??= stage.syncline.stop()
      }),
    )
    const run = await stage.syncline.sync(users)
    await stopping
    expect(run).toMatchObject({ status: 'partial', resumable: true, error: { code: 'STOPPED' } })
    await expect(stage.syncline.sync(users)).rejects.toMatchObject({ code: 'STOPPED' })
    expect(await stage.another().sync(users)).toMatchObject({ status: 'success', resumedFrom: run.runId })
  })

  test('by the time it may take ends as timeout', async () => {
    const stage = await setStage([people(1), { delayMs: 60_000, resources: people(1, 1) }], {
      limits: { runTimeoutMs: 30_000 },
    })
    expect(await stage.syncline.sync(users)).toMatchObject({
      status: 'timeout',
      resumable: true,
      error: { code: 'RUN_TIMEOUT' },
    })
  })

  test('leaves no timer and no sleeper behind', async () => {
    const stage = await setStage(pagesOf(people(10), 2))
    await stage.syncline.sync(users)
    expect([stage.clock.timers, stage.clock.sleepers]).toEqual([0, 0])
  })
})

describe('restart', () => {
  test('begins a new listing where an earlier one could be resumed', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { limits: { maxPages: 2 } })
    const first = await stage.syncline.sync(users)
    const again = await stage.another({}).sync({ ...users, restart: true })
    expect(again).toMatchObject({ generation: first.generation + 1, stats: { unchanged: 4, added: 6 } })
  })
})

describe('rules that change between two attempts', () => {
  test('begin a new listing: a resume would mix two', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { limits: { maxPages: 2 } })
    await stage.syncline.sync(users)
    await stage.syncline.configs.save({ ...users, filterRules: { emailDomains: ['other.example'] } })
    const run = await stage.another({}).sync(users)
    expect(run).toMatchObject({ generation: 2, stats: { excluded: 10 } })
  })
})

/** A process that dies once it stored that many pages. */
async function dieAfterPage(stage: Stage, page: number): Promise<void> {
  const chaos = chaosStore(stage.store, {
    kind: 'cut',
    method: 'resources.commitPage',
    call: page,
    when: 'after',
  })
  const dying = createSyncline({
    store: chaos.store,
    connectorTypes: [stage.connector],
    clock: stage.clock,
  })
  await expect(dying.sync(users)).rejects.toThrow('dead')
  expect(chaos.fired).toBe(true)
}

describe('a process that dies', () => {
  test('is replaced by start() of another one within its lease plus one poll', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { manualClock: true })
    await dieAfterPage(stage, 3)

    const survivor = stage.another()
    await survivor.start()
    await stage.clock.advance(0) // its first look finds a lease that still holds
    const finished = stage.sink.next('run.finished')
    await stage.clock.advance(30_000 + 15_000)
    expect(await finished).toMatchObject({ status: 'success', stats: { added: 10, pagesProcessed: 5 } })
    const [, dead] = await survivor.runs.list()
    expect(dead).toMatchObject({ status: 'error', error: { code: 'RUN_ABANDONED' } })
    await survivor.stop()
    expect(stage.clock.timers).toBe(0)
  })
})

describe('a process that died and that nobody replaced yet', () => {
  test('shows as running while its lease holds and as error after', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { manualClock: true })
    await dieAfterPage(stage, 1)
    expect((await stage.syncline.status(users)).status).toBe('running')
    await stage.clock.advance(30_001)
    expect((await stage.syncline.status(users)).status).toBe('error')
  })
})

describe('a database that goes away for a while', () => {
  test.each(['before', 'after'] as const)('is waited for (%s the page was stored)', async (when) => {
    const stage = await setStage(pagesOf(people(10), 2))
    const chaos = chaosStore(stage.store, { kind: 'fail', method: 'resources.commitPage', call: 2, when })
    const syncline = createSyncline({
      store: chaos.store,
      connectorTypes: [stage.connector],
      clock: stage.clock,
    })
    expect(await syncline.sync(users)).toMatchObject({
      status: 'success',
      stats: { added: 10, pagesProcessed: 5 },
    })
    expect(chaos.fired).toBe(true)
  })
})

describe('events', () => {
  test('tell the beginning, every page with rate and estimate, and the end', async () => {
    const [first, second] = pagesOf(people(4), 2)
    const stage = await setStage([{ resources: first, totalEstimate: 4 }, second ?? []])
    const run = await stage.syncline.sync(users)
    const { runId } = run
    expect(stage.sink.events).toMatchObject([
      { kind: 'run.started', runId, mode: 'full', generation: 1 },
      { kind: 'run.progress', runId, pages: 1, records: 2, totalEstimate: 4 },
      { kind: 'run.progress', runId, pages: 2, records: 4, totalEstimate: 4 },
      { kind: 'run.finished', runId, status: 'success', stats: { added: 4 } },
    ])
  })

  test('a sink that throws never fails a run', async () => {
    const stage = await setStage([people(1)])
    const onEvent = (): never => {
      throw new Error('sink')
    }
    const syncline = createSyncline({ store: stage.store, connectorTypes: [stage.connector], onEvent })
    expect((await syncline.sync(users)).status).toBe('success')
  })
})

describe('run history', () => {
  test('keeps timings per stage, counters and the newest first', async () => {
    const stage = await setStage([{ resources: people(2), delayMs: 1_500 }])
    await stage.syncline.sync(users)
    await stage.syncline.sync(users)
    const [second, first] = await stage.syncline.runs.list(users)
    expect(first).toMatchObject({
      generation: 1,
      timings: { fetchMs: 1_500 },
      stats: { durationMs: 1_500, added: 2 },
    })
    expect(second).toMatchObject({ generation: 2, stats: { unchanged: 2 } })
  })

  test('status tells the latest run, the watermark and the next tick', async () => {
    const stage = await setStage([people(2)], {
      config: { enabled: true, cronSchedule: '0 6 * * *' },
      limits: { maxStaggerMs: 0 },
    })
    expect(await stage.syncline.status(users)).toMatchObject({
      status: 'idle',
      nextRunAt: new Date('2026-01-01T06:00:00Z'),
    })
    await stage.syncline.sync(users)
    expect(await stage.syncline.status(users)).toMatchObject({
      status: 'success',
      latestRun: { stats: { added: 2 } },
      watermark: '2026-01-01T00:00:00.000Z',
    })
  })
})

describe('several runs at once', () => {
  test('of one process are bounded; more wait their turn', async () => {
    const stage = await setStage([people(1)], {
      limits: { maxConcurrentRuns: 1, maxConcurrentPerTenant: 10 },
    })
    await stage.syncline.connectors.save({ connectorId: 'second', type: 'scripted' })
    const both = [stage.syncline.sync(users), stage.syncline.sync({ ...users, connectorId: 'second' })]
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual(['success', 'success'])
    expect(stage.sink.events.map(({ kind }) => kind)).toEqual([
      'run.started',
      'run.progress',
      'run.finished',
      'run.started',
      'run.progress',
      'run.finished',
    ])
  })
})

describe('direct writes', () => {
  test('go through sanitising and the filter', async () => {
    const stage = await setStage([[]], { config: { filterRules: { emailDomains: ['acme.example'] } } })
    const { resources } = stage.syncline
    expect(await resources.upsert(users, person(1))).toBe('created')
    expect(await resources.upsert(users, person(1))).toBe('unchanged')
    expect(await resources.upsert(users, person(1, { displayName: 'New' }))).toBe('updated')
    expect(await resources.upsert(users, person(2, { email: null }))).toBe('excluded')
    await expect(resources.upsert(users, person(3, { displayName: '\u0000' }))).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      details: { reason: 'NUL_CHARACTER' },
    })
    expect(await resources.remove({ ...users, externalId: 'u1' })).toBe(true)
  })
})

describe('memberOfSyncedGroups', () => {
  const group = { pages: [[{ externalId: 'g1', displayName: 'One', attributes: { members: ['u3'] } }]] }
  const config = { filterRules: { memberOfSyncedGroups: true } }
  const member = person(1, { attributes: { groups: ['g1'] } })
  const asObject = person(2, { attributes: { groups: [{ externalId: 'g1' }] } })
  const outsider = person(4, { attributes: { groups: ['gone'] } })

  test('keeps users whose groups, or whose groups’ members, say so', async () => {
    const stage = await setStage([[member, asObject, person(3), outsider]], { group, config })
    await stage.syncline.sync({ ...users, resourceType: 'group' })
    expect((await stage.syncline.sync(users)).stats).toMatchObject({ added: 3, excluded: 1 })
  })

  test('refuses to run before groups were synced: nobody would be left', async () => {
    const stage = await setStage([[member]], { group, config })
    await expect(stage.syncline.sync(users)).rejects.toMatchObject({ code: 'GROUPS_NOT_SYNCED' })
    expect(await stage.syncline.runs.list(users)).toEqual([])
  })
})
