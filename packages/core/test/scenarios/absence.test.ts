import { pagesOf, type ScriptedFailure } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people, setStage, users } from './stage.ts'

const guardOff = { removalGuard: null }

describe('absence is proof only after a complete listing', () => {
  const pages = Array.from({ length: 10 }, (_, page) => page)
  const failures: readonly (readonly [name: string, failure: ScriptedFailure])[] = [
    ['500', { code: 'UPSTREAM_UNAVAILABLE' }],
    ['a timeout', { code: 'UPSTREAM_TIMEOUT' }],
    ['bad JSON', new SyntaxError('Unexpected token')],
  ]
  const cases = pages.flatMap((page) => failures.map(([name, failure]) => ({ page, name, failure })))

  test.each(cases)('page $page failing with $name marks nothing stale', async ({ page, failure }) => {
    const stage = await setStage(pagesOf(people(30), 3), { config: guardOff })
    await stage.syncline.sync(users)
    const failing = pagesOf(people(20), 2).map((resources, index) =>
      index === page ? { resources, failures: Array(4).fill(failure) } : resources,
    )
    stage.connector.script('user', failing)
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'error', stats: { staled: 0 } })
    expect((await stage.syncline.resources.list({ ...users, stale: true })).total).toBe(0)
  })

  test('a listing that leaves things out by declaration marks nothing stale', async () => {
    const stage = await setStage(pagesOf(people(30), 10), {
      config: guardOff,
      resourceType: { coverage: 'partial' },
    })
    await stage.syncline.sync(users)
    stage.connector.script('user', [people(1)])
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { staled: 0 } })
  })

  test('a listing capped by maxRecords marks nothing stale and sets no watermark', async () => {
    const stage = await setStage(pagesOf(people(10), 4), { config: guardOff })
    await stage.syncline.sync(users)
    await stage.syncline.configs.save({ ...users, filterRules: { maxRecords: 6 } })
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({
      status: 'success',
      complete: false,
      stats: { unchanged: 6, excluded: 2, staled: 0, pagesProcessed: 2 },
    })
    expect((await stage.syncline.status(users)).watermark).toBeUndefined()
  })

  test('a cap that upstream does not reach is no cap', async () => {
    const stage = await setStage(pagesOf(people(6), 3), { config: { filterRules: { maxRecords: 6 } } })
    expect(await stage.syncline.sync(users)).toMatchObject({ complete: true, stats: { added: 6 } })
  })

  test('an incremental run marks nothing stale', async () => {
    const stage = await setStage([people(30)], { config: { ...guardOff, strategy: 'incremental' } })
    await stage.syncline.sync(users)
    stage.connector.script('user', [people(1)])
    expect(await stage.syncline.sync(users)).toMatchObject({ mode: 'incremental', stats: { staled: 0 } })
  })

  test('a quarantined record counts as seen, an excluded one does not', async () => {
    const stage = await setStage([people(3)], { config: guardOff })
    await stage.syncline.sync(users)
    const [first, second, third] = people(3)
    stage.connector.script('user', [
      [{ ...first, displayName: 'nul \u0000' }, { ...second, email: 'x@other.example' }, third] as never,
    ])
    await stage.syncline.configs.save({ ...users, filterRules: { emailDomains: ['acme.example'] } })
    const run = await stage.syncline.sync(users)
    expect(run.stats).toMatchObject({ quarantined: 1, excluded: 1, unchanged: 1, staled: 1 })
    const stale = await stage.syncline.resources.list({ ...users, stale: true })
    expect(stale.data.map(({ externalId }) => externalId)).toEqual(['u1'])
  })
})

describe('a listing that does not end', () => {
  test.each([
    ['points at itself', [{ nextCursor: 'x' }, { nextCursor: 'x' }]],
    ['goes A, B, A', [{ nextCursor: 'a' }, { nextCursor: 'b' }, { nextCursor: 'a' }]],
    ['loops after 50 pages', [...Array(50).fill({}), { nextCursor: 'page-2' }]],
  ])('because it %s ends with CURSOR_REPEATED and marks nothing stale', async (_, pages) => {
    const stage = await setStage([people(30)], { config: guardOff })
    await stage.syncline.sync(users)
    stage.connector.script('user', pages)
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'error', resumable: false, error: { code: 'CURSOR_REPEATED' } })
    expect(run.stats.staled).toBe(0)
  })

  test.each([1, 2, 99, 100])('%i empty pages with a cursor go on', async (count) => {
    const stage = await setStage([...Array(count).fill({}), people(2)])
    expect(await stage.syncline.sync(users)).toMatchObject({
      status: 'success',
      stats: { added: 2, pagesProcessed: count + 1 },
    })
  })

  test('101 empty pages in a row end the run', async () => {
    const stage = await setStage([...Array(101).fill({}), people(2)])
    expect(await stage.syncline.sync(users)).toMatchObject({
      status: 'error',
      error: { code: 'TOO_MANY_EMPTY_PAGES' },
    })
  })

  test('at the page cap ends partial and goes on with the next run', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { limits: { maxPages: 2 } })
    const seen: number[] = []
    for (;;) {
      const run = await stage.syncline.sync(users)
      seen.push(run.stats.pagesProcessed)
      if (run.status === 'success') break
      expect(run).toMatchObject({ status: 'partial', resumable: true, error: { code: 'RUN_LIMIT_REACHED' } })
    }
    expect(seen).toEqual([2, 4, 5])
  })

  test('at the record cap ends partial', async () => {
    const stage = await setStage(pagesOf(people(10), 2), { limits: { maxRecords: 3 } })
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'partial', stats: { added: 4 } })
  })
})

describe('the removal guard', () => {
  const shrunken = async () => {
    const stage = await setStage([people(100)], { config: { strategy: 'incremental' } })
    await stage.syncline.sync(users)
    stage.connector.script('user', ({ modifiedSince }) => [
      modifiedSince === undefined ? people(50) : people(1, 90),
    ])
    const run = await stage.syncline.sync({ ...users, mode: 'full' })
    return { ...stage, run }
  }

  test('ends the run guarded and leaves the rows alone', async () => {
    const { syncline, run, sink } = await shrunken()
    expect(run).toMatchObject({
      status: 'guarded',
      guard: { live: 100, unseen: 50, limit: 20, tripped: true, reason: 'too_many' },
      error: { code: 'REMOVAL_GUARDED' },
    })
    expect((await syncline.resources.list({ ...users, stale: true })).total).toBe(0)
    expect(sink.of('run.guarded')).toHaveLength(1)
  })

  test('an approval marks exactly that run’s list, once', async () => {
    const { syncline, run } = await shrunken()
    const approval = await syncline.runs.approve({ runId: run.runId, approvedBy: 'ops' })
    expect(approval).toMatchObject({ status: 'success', approves: run.runId, stats: { staled: 50 } })
    expect(await syncline.runs.get(run.runId)).toMatchObject({ status: 'guarded', approvedBy: 'ops' })
    await expect(syncline.runs.approve({ runId: run.runId, approvedBy: 'ops' })).rejects.toMatchObject({
      code: 'RUN_SUPERSEDED',
    })
    expect((await syncline.resources.list({ ...users, stale: true })).total).toBe(50)
  })

  test('an approval spares what an incremental run saw or a direct write touched since', async () => {
    const { syncline, run } = await shrunken()
    expect(await syncline.sync(users)).toMatchObject({ mode: 'incremental', stats: { unchanged: 1 } })
    await syncline.resources.upsert(users, people(1, 80)[0] as never)
    const approval = await syncline.runs.approve({ runId: run.runId, approvedBy: 'ops' })
    expect(approval.stats.staled).toBe(48)
    const stale = await syncline.resources.list({ ...users, stale: true, pageSize: 100 })
    const ids = stale.data.map(({ externalId }) => externalId)
    expect(ids).not.toContain('u90')
    expect(ids).not.toContain('u80')
  })

  test('a later full run decides anew and supersedes it', async () => {
    const { syncline, connector, run } = await shrunken()
    connector.script('user', [people(95)])
    expect(await syncline.sync({ ...users, mode: 'full' })).toMatchObject({
      status: 'success',
      stats: { staled: 5 },
    })
    await expect(syncline.runs.approve({ runId: run.runId, approvedBy: 'ops' })).rejects.toMatchObject({
      code: 'RUN_SUPERSEDED',
    })
  })

  test('only a guarded run can be approved', async () => {
    const stage = await setStage([people(1)])
    const run = await stage.syncline.sync(users)
    const approve = (runId: string) => stage.syncline.runs.approve({ runId, approvedBy: 'ops' })
    await expect(approve(run.runId)).rejects.toMatchObject({ code: 'RUN_NOT_GUARDED' })
    await expect(approve('nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('stops an upstream that suddenly answers nothing', async () => {
    const stage = await setStage([people(3)])
    await stage.syncline.sync(users)
    stage.connector.script('user', [[]])
    expect(await stage.syncline.sync(users)).toMatchObject({
      status: 'guarded',
      guard: { reason: 'nothing_seen' },
    })
  })

  test('stops a listing in which an id could not be read: it may be the missing one', async () => {
    const stage = await setStage([people(5)])
    await stage.syncline.sync(users)
    const [first, ...rest] = people(5)
    stage.connector.script('user', [[{ ...first, externalId: 0 } as never, ...rest]])
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'guarded', guard: { unseen: 1, reason: 'unreadable_ids' } })
    expect(run.error?.message).toContain('without a readable id')
    stage.connector.script('user', [rest])
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { staled: 1 } })
  })

  test('follows the config', async () => {
    const stage = await setStage([people(100)], { config: { removalGuard: { minRows: 60, percent: 0 } } })
    await stage.syncline.sync(users)
    stage.connector.script('user', [people(50)])
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { staled: 50 } })
  })
})
