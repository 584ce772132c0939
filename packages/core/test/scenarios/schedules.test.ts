import { setImmediate as turn } from 'node:timers/promises'
import { createSyncline, type LimitsInput } from '@syncline/core'
import { chaosStore } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people, type Stage, setStage, users } from './stage.ts'

const minute = 60_000
const hour = 60 * minute
const hourly = { enabled: true, cronSchedule: '0 * * * *' }
const limits: LimitsInput = { maxStaggerMs: 0, callTimeoutMs: 48 * hour }
const failure = { code: 'UPSTREAM_REJECTED', message: 'no' }

/** A scope with a schedule, a clock that stands still until it is told to move; it is midnight. */
const setSchedule = (
  options: Parameters<typeof setStage>[1] = {},
  pages: Parameters<typeof setStage>[0] = [people(3)],
): Promise<Stage> => setStage(pages, { config: hourly, limits, manualClock: true, ...options })

/** Everything that can go on without time passing. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 60; turns++) await turn()
}

async function pass(stage: Stage, ms: number): Promise<void> {
  await stage.clock.advance(ms)
  await settle()
}

/** When runs ended, as minutes since midnight, and how. */
async function history(stage: Stage): Promise<string[]> {
  const runs = await stage.store.runs.list({ limit: 1_000 })
  return runs.toReversed().map(({ status, startedAt }) => {
    const minutes = (startedAt.getTime() - Date.parse('2026-01-01T00:00:00Z')) / minute
    return `${Math.floor(minutes)} ${status}`
  })
}

describe('a scope with a schedule', () => {
  test('runs at each tick while Syncline is started, and no more after stop()', async () => {
    const stage = await setSchedule()
    await stage.syncline.start()
    await pass(stage, 3.5 * hour)
    expect(await history(stage)).toEqual(['60 success', '120 success', '180 success'])
    await stage.syncline.stop()
    await pass(stage, 2 * hour)
    expect(await history(stage)).toHaveLength(3)
    expect([stage.clock.timers, stage.clock.sleepers]).toEqual([0, 0])
  })

  test('runs from start() on in a process that only watched before, and no later start takes that back', async () => {
    const stage = await setSchedule()
    await stage.syncline.start({ work: false })
    await pass(stage, 1.5 * hour)
    expect(await history(stage)).toEqual([])
    await stage.syncline.start()
    await settle()
    expect(await history(stage)).toEqual(['90 success'])
    await stage.syncline.start({ work: false })
    await pass(stage, hour)
    expect(await history(stage)).toEqual(['90 success', '120 success'])
    await stage.syncline.stop()
    await pass(stage, 2 * hour)
    expect(await history(stage)).toHaveLength(2)
    expect([stage.clock.timers, stage.clock.sleepers]).toEqual([0, 0])
    await expect(stage.syncline.start()).rejects.toMatchObject({ code: 'STOPPED' })
  })

  test('shows its next run in the config and the status, staggered by a span of its own', async () => {
    const stage = await setSchedule({ limits: { maxStaggerMs: minute } })
    const { nextRunAt } = await stage.syncline.status(users)
    expect((await stage.syncline.configs.get(users))?.nextRunAt).toEqual(nextRunAt)
    const tick = Date.parse('2026-01-01T01:00:00Z')
    const span = (nextRunAt?.getTime() ?? 0) - tick
    expect(span).toBeGreaterThan(0)
    expect(span).toBeLessThan(minute)
    await stage.syncline.start()
    await pass(stage, hour + span - 1)
    expect(await history(stage)).toEqual([])
    await pass(stage, 1)
    expect(await history(stage)).toEqual(['60 success'])
    await stage.syncline.stop()
  })

  test('a missed tick runs once, however many were missed', async () => {
    const stage = await setSchedule()
    await pass(stage, 9.5 * hour)
    await stage.syncline.start()
    await settle()
    expect(await history(stage)).toEqual(['570 success'])
    await pass(stage, hour)
    expect(await history(stage)).toEqual(['570 success', '600 success'])
    await stage.syncline.stop()
  })

  test('runs once a tick, whichever of two processes is first', async () => {
    const stage = await setSchedule()
    const other = stage.another()
    await Promise.all([stage.syncline.start(), other.start()])
    await pass(stage, 5.5 * hour)
    expect(await history(stage)).toEqual([60, 120, 180, 240, 300].map((at) => `${at} success`))
    await Promise.all([stage.syncline.stop(), other.stop()])
  })

  test('of a stopped process is run by another one, at the next tick', async () => {
    const stage = await setSchedule()
    const other = stage.another()
    await stage.syncline.start()
    await pass(stage, 1.5 * hour)
    await stage.syncline.stop()
    await other.start()
    await pass(stage, hour)
    expect(await history(stage)).toEqual(['60 success', '120 success'])
    await other.stop()
  })

  test('is not run while its connector is paused, and once after that', async () => {
    const stage = await setSchedule()
    const save = (status: 'active' | 'paused') =>
      stage.syncline.connectors.save({ connectorId: 'acme', type: stage.connector.type, status })
    await stage.syncline.start()
    await save('paused')
    expect((await stage.syncline.status(users)).nextRunAt).toBeUndefined()
    await pass(stage, 3.5 * hour)
    expect(await history(stage)).toEqual([])
    await save('active')
    await pass(stage, minute)
    expect(await history(stage)).toEqual(['211 success'])
    await stage.syncline.stop()
  })

  test('follows a changed schedule within a minute, and none once it is disabled or removed', async () => {
    const stage = await setSchedule()
    await stage.syncline.start()
    await pass(stage, 10 * minute)
    const changed = await stage.syncline.configs.save({ ...users, cronSchedule: '*/20 * * * *' })
    expect(changed.nextRunAt).toEqual(new Date('2026-01-01T00:20:00Z'))
    await pass(stage, 15 * minute)
    expect(await history(stage)).toEqual(['20 success'])
    const disabled = await stage.syncline.configs.save({ ...users, enabled: false })
    expect(disabled.nextRunAt).toBeUndefined()
    await pass(stage, hour)
    await stage.syncline.configs.save({ ...users, enabled: true })
    await stage.syncline.configs.remove(users)
    await pass(stage, hour)
    expect(await history(stage)).toEqual(['20 success'])
    await stage.syncline.stop()
  })

  test('waits for a run that goes on at its tick, then runs once', async () => {
    const stage = await setSchedule({}, [people(3), { delayMs: 30 * minute, resources: people(3, 3) }])
    await stage.syncline.start()
    await pass(stage, 50 * minute)
    const manual = stage.syncline.sync(users)
    await pass(stage, 25 * minute)
    expect(await history(stage)).toEqual(['50 running'])
    await pass(stage, 40 * minute)
    await manual
    expect(await history(stage)).toEqual(['50 success', '80 success'])
    await stage.syncline.stop()
  })

  test('keeps the minimum interval between two listings', async () => {
    const stage = await setSchedule({ limits: { ...limits, minIntervalMs: 90 * minute } })
    await stage.syncline.start()
    await pass(stage, 4 * hour)
    expect(await history(stage)).toEqual(['60 success', '150 success', '240 success'])
    await stage.syncline.stop()
  })
})

describe('where clocks change', () => {
  const berlin = { enabled: true, cronSchedule: '30 2 * * *', cronTimeZone: 'Europe/Berlin' }

  test.each([
    // 02:30 does not exist on 2026-03-29, and exists twice on 2026-10-25.
    ['a skipped hour', '2026-03-27T12:00:00Z', ['03-28 01:30', '03-29 01:00', '03-30 00:30']],
    ['a repeated hour', '2026-10-23T12:00:00Z', ['10-24 00:30', '10-25 00:30', '10-26 01:30']],
  ])('%s makes a daily schedule run once a day', async (_, start, expected) => {
    const stage = await setSchedule({ config: berlin })
    await pass(stage, Date.parse(start) - stage.clock.now().getTime())
    await stage.syncline.configs.save({ ...users, cronSchedule: '31 2 * * *' })
    await stage.syncline.configs.save({ ...users, ...berlin })
    await stage.syncline.start()
    await pass(stage, 3 * 24 * hour)
    const runs = await stage.store.runs.list({ limit: 10 })
    const at = runs.map(({ startedAt }) => startedAt.toISOString().slice(5, 16).replace('T', ' '))
    expect(at.toReversed()).toEqual(expected)
    await stage.syncline.stop()
  })

  test('a time zone that is none is refused', async () => {
    const stage = await setSchedule()
    await expect(stage.syncline.configs.save({ ...users, cronTimeZone: 'Mars/Base' })).rejects.toMatchObject({
      code: 'CRON_INVALID',
    })
  })
})

describe('a scheduled run that fails', () => {
  const daily = { enabled: true, cronSchedule: '0 1 * * *' }
  const failing = (times: number): Promise<Stage> =>
    setSchedule({ config: daily }, [
      { failures: Array.from({ length: times }, () => failure), resources: people(1) },
    ])

  test('is tried again after 5 minutes, then after an hour', async () => {
    const stage = await failing(2)
    await stage.syncline.start()
    await pass(stage, hour + minute)
    expect((await stage.syncline.status(users)).nextRunAt).toEqual(new Date('2026-01-01T01:05:00Z'))
    await pass(stage, 3 * hour)
    expect(await history(stage)).toEqual(['60 error', '65 error', '125 success'])
    expect(stage.sink.of('sync.failing')).toEqual([])
    expect((await stage.syncline.status(users)).nextRunAt).toEqual(new Date('2026-01-02T01:00:00Z'))
    await stage.syncline.stop()
  })

  test('a third time is left to its schedule, with one sync.failing event and a dead letter', async () => {
    const stage = await failing(3)
    const other = stage.another()
    await Promise.all([stage.syncline.start(), other.start()])
    await pass(stage, 12 * hour)
    expect(await history(stage)).toEqual(['60 error', '65 error', '125 error'])
    expect(stage.sink.of('sync.failing')).toMatchObject([
      { ...users, failures: 3, error: { code: 'UPSTREAM_REJECTED' } },
    ])
    const letters = [...(await stage.syncline.jobs.deadLetters()), ...(await other.jobs.deadLetters())]
    expect(letters).toMatchObject([{ payload: users, error: { code: 'UPSTREAM_REJECTED' } }])
    await pass(stage, 14 * hour)
    expect((await history(stage)).at(-1)).toBe(`${25 * 60} success`)
    await Promise.all([stage.syncline.stop(), other.stop()])
  })

  test('for good runs again when its dead letter is redriven', async () => {
    const stage = await failing(3)
    await stage.syncline.start()
    await pass(stage, 12 * hour)
    const [letter] = await stage.syncline.jobs.deadLetters()
    expect(await stage.syncline.jobs.redrive(letter?.jobId ?? '')).toBe(true)
    await settle()
    expect((await history(stage)).at(-1)).toBe('720 success')
    expect(await stage.syncline.jobs.redrive(letter?.jobId ?? '')).toBe(false)
    await stage.syncline.stop()
  })

  test('and that a person has to mend is not tried again', async () => {
    const unauthorized = { code: 'UNAUTHORIZED', message: 'who?' }
    const stage = await setSchedule({ config: daily }, [{ failures: [unauthorized, unauthorized] }])
    await stage.syncline.start()
    await pass(stage, 12 * hour)
    expect(await history(stage)).toEqual(['60 error'])
    expect(stage.sink.of('sync.failing')).toMatchObject([{ failures: 1, error: { code: 'UNAUTHORIZED' } }])
    await stage.syncline.stop()
  })

  test('a run that is refused waits for its next tick, with a sync.failing event', async () => {
    const stage = await setSchedule()
    const [scopeless] = await stage.store.connectors.list({})
    if (!scopeless) throw new Error('no connector')
    const { createdAt: _, updatedAt: __, ...connector } = scopeless
    await stage.store.connectors.save({ ...connector, type: 'unheard-of' })
    await stage.syncline.start()
    await pass(stage, 2.5 * hour)
    expect(await history(stage)).toEqual([])
    expect(stage.sink.of('sync.failing')).toMatchObject([
      { failures: 0, error: { code: 'CONNECTOR_TYPE_UNKNOWN' } },
      { failures: 0, error: { code: 'CONNECTOR_TYPE_UNKNOWN' } },
    ])
    await stage.store.connectors.save(connector)
    await pass(stage, hour)
    expect(await history(stage)).toEqual(['180 success'])
    await stage.syncline.stop()
  })

  test('stopped with its process goes on in another one within a minute', async () => {
    const pages = [people(2), { delayMs: 10 * minute, resources: people(2, 2) }]
    const stage = await setSchedule({}, pages)
    const other = stage.another()
    await stage.syncline.start()
    await pass(stage, hour + minute)
    await stage.syncline.stop()
    expect(await history(stage)).toEqual(['60 partial'])
    await other.start()
    await pass(stage, minute)
    expect(await history(stage)).toEqual(['60 partial', '61 running'])
    await pass(stage, 15 * minute)
    const [resumed] = await stage.store.runs.list({ limit: 1 })
    expect(resumed).toMatchObject({ status: 'success', stats: { added: 4 } })
    expect(resumed?.resumedFrom).toBeDefined()
    await other.stop()
  })

  test('whose process was killed is resumed, and its schedule ticks again', async () => {
    const stage = await setSchedule({}, [people(2), { failures: ['hang'], resources: people(2, 2) }])
    const chaos = chaosStore(stage.store, { method: 'runs.renew', call: 1, when: 'before', kind: 'cut' })
    const { connector, clock } = stage
    const killed = createSyncline({ store: chaos.store, connectorTypes: [connector], clock, limits })
    await killed.start()
    await pass(stage, hour + minute)
    expect([chaos.fired, await history(stage)]).toEqual([true, ['60 running']])
    await stage.syncline.start()
    await pass(stage, 2 * hour)
    expect(await history(stage)).toEqual(['60 error', '61 success', '120 success', '180 success'])
    await Promise.all([stage.syncline.stop(), killed.stop()])
  })
})
