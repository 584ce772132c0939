import { SyncError } from '@syncline/core'
import { pagesOf, type ScriptedFailure } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people, setStage, users } from './stage.ts'

const threePages = (failures: readonly ScriptedFailure[]) => {
  const [first, second, third] = pagesOf(people(6), 2)
  return [first ?? [], { resources: second ?? [], failures }, third ?? []]
}

const unavailable = { code: 'UPSTREAM_UNAVAILABLE' }

describe('a transient failure of a page', () => {
  test('is tried again after 1 s, 2 s and 4 s', async () => {
    const { syncline, clock, connector } = await setStage(threePages([unavailable, unavailable, unavailable]))
    const run = await syncline.sync(users)
    expect(run).toMatchObject({ status: 'success', stats: { added: 6 } })
    expect(clock.slept).toEqual([1_000, 2_000, 4_000])
    expect(connector.requests).toHaveLength(6)
  })

  test('ends the run as an error that can be resumed after the last try', async () => {
    const { syncline, connector } = await setStage(threePages(Array(4).fill(unavailable)))
    const run = await syncline.sync(users)
    expect(run).toMatchObject({ status: 'error', resumable: true, error: { code: 'UPSTREAM_UNAVAILABLE' } })
    expect(run.stats).toMatchObject({ added: 2, staled: 0 })
    const resumed = await syncline.sync(users)
    expect(resumed).toMatchObject({
      status: 'success',
      generation: run.generation,
      resumedFrom: run.runId,
      stats: { added: 6, pagesProcessed: 3 },
    })
    expect(connector.requests.filter(({ pageNumber }) => pageNumber === 1)).toHaveLength(1)
  })

  test('is announced with its wait', async () => {
    const { syncline, sink } = await setStage(threePages([{ ...unavailable, retryAfterMs: 7_000 }]))
    await syncline.sync(users)
    expect(sink.of('run.retrying')).toEqual([
      expect.objectContaining({ attempt: 1, waitMs: 7_000, error: expect.objectContaining(unavailable) }),
    ])
  })
})

describe('Retry-After', () => {
  test('is never undercut', async () => {
    const { syncline, clock } = await setStage(threePages([{ code: 'RATE_LIMITED', retryAfterMs: 90_000 }]))
    expect((await syncline.sync(users)).status).toBe('success')
    expect(clock.slept).toEqual([90_000])
  })

  test.each([Number.NaN, '7.5', {}] as never[])(
    'of %j, which cannot be read, is a minute and hides no failure',
    async (retryAfterMs) => {
      const { syncline, clock } = await setStage(threePages([{ code: 'RATE_LIMITED', retryAfterMs }]))
      expect((await syncline.sync(users)).status).toBe('success')
      expect(clock.slept).toEqual([60_000])
    },
  )

  test('of NaN in a thrown error is a minute', async () => {
    const thrown = new SyncError('RATE_LIMITED', 'slow down', { retryAfterMs: Number.NaN })
    const { syncline, clock } = await setStage(threePages([thrown]))
    expect((await syncline.sync(users)).status).toBe('success')
    expect(clock.slept).toEqual([60_000])
  })

  test('in the past is the usual pause', async () => {
    const { syncline, clock } = await setStage(threePages([{ code: 'RATE_LIMITED', retryAfterMs: -5 }]))
    expect((await syncline.sync(users)).status).toBe('success')
    expect(clock.slept).toEqual([1_000])
  })

  test('above the cap ends the run as partial, to be resumed, and is not clamped', async () => {
    const { syncline, clock } = await setStage(
      threePages([{ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 }]),
    )
    const run = await syncline.sync(users)
    expect(run).toMatchObject({
      status: 'partial',
      resumable: true,
      error: { code: 'RATE_LIMITED', details: { retryAfterMs: 3_600_000 } },
    })
    expect(clock.slept).toEqual([])
    expect(await syncline.sync(users)).toMatchObject({ status: 'success', stats: { added: 6 } })
  })
})

describe('a call that never ends', () => {
  test('is given up at its deadline and tried again', async () => {
    const stage = await setStage(threePages(['hang']), {
      manualClock: true,
      limits: { callTimeoutMs: 5_000 },
    })
    const retrying = stage.sink.next('run.retrying')
    const running = stage.syncline.sync(users)
    const nextSleep = stage.clock.nextSleep()
    await untilAsked(stage, 2)
    await stage.clock.advance(5_000)
    expect((await retrying).error.code).toBe('UPSTREAM_TIMEOUT')
    await nextSleep
    await stage.clock.advance(1_000)
    expect(await running).toMatchObject({ status: 'success', stats: { added: 6 } })
  })
})

/** Lets the run go on until the connector got that many requests; no time passes. */
async function untilAsked(
  { connector, clock }: Awaited<ReturnType<typeof setStage>>,
  count: number,
): Promise<void> {
  while (connector.requests.length < count) await clock.advance(0)
}

describe('a failure that is not transient', () => {
  test.each([
    ['CONNECTOR_FAILED', new TypeError('x is undefined'), 'CONNECTOR_FAILED'],
    ['an unknown code', { code: 'E42' }, 'CONNECTOR_FAILED'],
    ['UNAUTHORIZED', { code: 'UNAUTHORIZED' }, 'UNAUTHORIZED'],
    ['UPSTREAM_REJECTED', { code: 'UPSTREAM_REJECTED' }, 'UPSTREAM_REJECTED'],
  ])('%s is not tried again', async (_, failure, code) => {
    const { syncline, connector } = await setStage(threePages([failure]))
    expect(await syncline.sync(users)).toMatchObject({ status: 'error', error: { code } })
    expect(connector.requests).toHaveLength(2)
  })

  test('at the page a resume begins with is not resumed for ever', async () => {
    const { syncline } = await setStage(threePages(Array(2).fill({ code: 'UPSTREAM_REJECTED' })))
    expect(await syncline.sync(users)).toMatchObject({ status: 'error', resumable: true })
    expect(await syncline.sync(users)).toMatchObject({ status: 'error', resumable: false })
    expect(await syncline.sync(users)).toMatchObject({ status: 'success', generation: 2 })
  })
})

describe('an expired delta or page token', () => {
  test('in an incremental run leads to one full run by itself', async () => {
    const stage = await setStage(pagesOf(people(4), 2), { config: { strategy: 'incremental' } })
    await stage.syncline.sync(users)
    stage.connector.script('user', ({ modifiedSince }) =>
      modifiedSince === undefined ? pagesOf(people(3), 2) : [{ failures: [{ code: 'DELTA_EXPIRED' }] }],
    )
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ mode: 'full', status: 'success', stats: { unchanged: 3, staled: 1 } })
    const [, expired] = await stage.syncline.runs.list()
    expect(expired).toMatchObject({ mode: 'incremental', status: 'error', error: { code: 'DELTA_EXPIRED' } })
  })

  test('in the middle of a full run begins the listing anew, once', async () => {
    const stage = await setStage(threePages([{ code: 'DELTA_EXPIRED' }, { code: 'DELTA_EXPIRED' }]))
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'error', generation: 2, error: { code: 'DELTA_EXPIRED' } })
    expect((await stage.syncline.sync(users)).status).toBe('success')
  })
})

describe('an answer of the wrong shape', () => {
  test('is one clear error, and nothing is written', async () => {
    const stage = await setStage([])
    stage.connector.script('user', () => [{ resources: 'none' as never }])
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_ANSWER_INVALID' },
      stats: { added: 0 },
    })
    expect((await stage.syncline.resources.list(users)).total).toBe(0)
  })
})
