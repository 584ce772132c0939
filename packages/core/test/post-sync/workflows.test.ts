import { recordingSink } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { localUsers, people, person, setPeopleStage, staff } from './people-stage.ts'

const dayMs = 86_400_000

describe('summary', () => {
  const settings = { postSyncWorkflowId: 'onboarding', syncTriggerMode: 'summary' } as const

  test('triggers one job for each post-sync, with its counters', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann', 'bob'))
    const [job, ...others] = stage.workflows.deliveries
    expect(others).toEqual([])
    const [run] = await stage.syncline.postSync.runs(staff)
    expect(job).toEqual({
      idempotencyKey: `${run?.runId}:summary`,
      tenantId: 'default',
      payload: { ...staff, workflowId: 'onboarding', triggerMode: 'summary', stats: run?.stats },
    })
    expect(run?.stats).toMatchObject({ matched: 1, unmatched: 1, jobs: 1 })
    await stage.syncline.postSync.run(staff)
    expect(new Set(stage.workflows.deliveries.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2)
  })

  test('a job that is not taken over is offered again later, under the same key', async () => {
    const stage = await setPeopleStage({ settings })
    stage.workflows.refuse(1)
    await stage.sync(...people('ann'))
    expect(stage.workflows.jobs).toEqual([])
    expect(await stage.syncline.postSync.deliver()).toBe(0)
    await stage.clock.advance(61_000)
    expect(await stage.syncline.postSync.deliver()).toBe(1)
    const [first, second] = stage.workflows.deliveries
    expect(second).toEqual(first)
    expect(await stage.syncline.postSync.deliver()).toBe(0)
  })

  test('without a workflow there is no job', async () => {
    const stage = await setPeopleStage({ settings: { syncTriggerMode: 'summary' } })
    await stage.sync(...people('ann'))
    expect(stage.workflows.deliveries).toEqual([])
  })
})

describe('per_record', () => {
  const settings = { postSyncWorkflowId: 'onboarding', syncTriggerMode: 'per_record' } as const

  test('names every resource that changed since the last post-sync, and what it was matched with', async () => {
    const stage = await setPeopleStage({ settings, users: localUsers('ann') })
    await stage.sync(...people('ann', 'bob'))
    await stage.sync(person('ann', { displayName: 'New' }), ...people('cleo'))
    const records = stage.workflows.jobs.map(({ payload }) => payload.records)
    expect(records).toEqual([
      [
        { externalId: 'ann', change: 'created', matchStatus: 'matched', userId: 'user-ann' },
        { externalId: 'bob', change: 'created', matchStatus: 'unmatched' },
      ],
      [
        { externalId: 'ann', change: 'updated', matchStatus: 'matched', userId: 'user-ann' },
        { externalId: 'cleo', change: 'created', matchStatus: 'unmatched' },
        { externalId: 'bob', change: 'staled', matchStatus: 'unmatched' },
      ],
    ])
  })

  test('in batches of at most 500, each change in exactly one', async () => {
    const stage = await setPeopleStage({ settings })
    const ids = Array.from({ length: 1_201 }, (_, index) => `p${index}`)
    await stage.sync(...people(...ids))
    const batches = stage.workflows.jobs.map(({ payload }) => payload.records ?? [])
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 201])
    expect(new Set(batches.flat().map(({ externalId }) => externalId))).toEqual(new Set(ids))
  })

  test('a resource that changed more than once is named once, with what happened last', async () => {
    const stage = await setPeopleStage({ settings, manual: true })
    await stage.sync(...people('ann'))
    await stage.sync(person('ann', { displayName: 'New' }))
    await stage.sync()
    await stage.syncline.postSync.run(staff)
    expect(stage.workflows.jobs.map(({ payload }) => payload.records)).toEqual([
      [{ externalId: 'ann', change: 'staled' }],
    ])
  })

  test('what changed while nobody wanted jobs is passed over', async () => {
    const stage = await setPeopleStage()
    await stage.sync(...people('ann'))
    await stage.configure(settings)
    await stage.sync(...people('ann', 'bob'))
    expect(
      stage.workflows.jobs.map(({ payload }) => payload.records?.map(({ externalId }) => externalId)),
    ).toEqual([['bob']])
  })

  test('continues after changes that were pruned before their jobs were made, and says how many', async () => {
    const sink = recordingSink()
    const stage = await setPeopleStage({ settings, manual: true, options: { onEvent: sink.onEvent } })
    await stage.sync(...people('ann', 'bob'))
    await stage.clock.advance(2 * dayMs)
    await stage.store.changes.prune({ scope: staff, olderThanMs: dayMs, limit: 100 })
    await stage.sync(...people('ann', 'bob', 'cleo'))
    const run = await stage.syncline.postSync.run(staff)
    expect(run).toMatchObject({ status: 'success', stats: { jobs: 1, changesLost: 2 } })
    expect(stage.workflows.jobs.map(({ payload }) => payload.records)).toEqual([
      [{ externalId: 'cleo', change: 'created', matchStatus: 'unmatched' }],
    ])
    expect(sink.of('post_sync.changes_lost')).toMatchObject([
      { ...staff, tenantId: 'default', from: 1, to: 2, count: 2 },
    ])
    await stage.sync(...people('ann', 'bob', 'cleo', 'dora'))
    const next = await stage.syncline.postSync.run(staff)
    expect(next).toMatchObject({ status: 'success', stats: { jobs: 1, changesLost: 0 } })
    expect(sink.of('post_sync.changes_lost')).toHaveLength(1)
  })

  test('ends a post-sync for which every change was pruned', async () => {
    const stage = await setPeopleStage({ settings, manual: true })
    await stage.sync(...people('ann', 'bob'))
    await stage.clock.advance(2 * dayMs)
    await stage.store.changes.prune({ scope: staff, olderThanMs: dayMs, limit: 100 })
    const { status, stats } = await stage.syncline.postSync.run(staff)
    expect([status, stats.jobs, stats.changesLost]).toEqual(['success', 0, 2])
    expect((await stage.syncline.postSync.run(staff)).stats.changesLost).toBe(0)
  })
})
