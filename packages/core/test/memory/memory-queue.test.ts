import type { Recurrence } from '@syncline/core'
import { memoryQueue } from '@syncline/core/memory'
import { fakeClock, testQueue } from '@syncline/testing'
import { describe, expect, test } from 'vitest'

testQueue({
  describe,
  test,
  async createQueue() {
    const clock = fakeClock()
    const queue = memoryQueue({ clock })
    return {
      queue,
      other: queue,
      now: () => clock.now().getTime(),
      timePasses: (ms) => clock.advance(ms),
      async close() {
        const closed = queue.close()
        await clock.advance(5_000)
        await closed
      },
    }
  },
})

describe('memoryQueue', () => {
  const job = { queue: 'sync', key: 'k', payload: {} }

  test('holds no timer while no worker runs, and none after close', async () => {
    const clock = fakeClock()
    const queue = memoryQueue({ clock })
    await queue.upsertSchedule({ scheduleId: 's', recurrence: { everyMs: 1_000 }, job })
    await queue.add({ ...job, delayMs: 5_000 })
    expect(clock.timers).toBe(0)
    queue.work({ queue: 'sync', handle: async () => undefined })
    expect(clock.timers).toBe(1)
    await queue.close()
    expect(clock.timers).toBe(0)
  })

  test('a clock that is set forward is noticed within a minute', async () => {
    const clock = fakeClock()
    let shiftMs = 0
    const shifted = { ...clock, now: () => new Date(clock.now().getTime() + shiftMs) }
    const queue = memoryQueue({ clock: shifted })
    let runs = 0
    queue.work({
      queue: 'sync',
      handle: async () => {
        runs += 1
        return undefined
      },
    })
    await queue.add({ ...job, delayMs: 86_400_000 })
    shiftMs = 86_400_000
    await clock.advance(60_000)
    expect(runs).toBe(1)
    await queue.close()
  })

  test('keeps the newest 1,000 dead letters of a queue', async () => {
    const clock = fakeClock()
    const queue = memoryQueue({ clock })
    queue.work({ queue: 'sync', handle: () => Promise.reject(new Error('no')), concurrency: 1_000 })
    for (let n = 0; n < 1_050; n++) await queue.add({ queue: 'sync', payload: { n }, retryDelaysMs: [] })
    await clock.advance(0)
    expect(await queue.counts('sync')).toEqual({ waiting: 0, delayed: 0, running: 0, dead: 1_000 })
    const letters = await queue.deadLetters('sync', { limit: 1_000 })
    expect([letters[0]?.payload, letters.at(-1)?.payload]).toEqual([{ n: 1_049 }, { n: 50 }])
    await queue.close()
  })
})

describe('ticks of a schedule in a time zone, on a fake clock', () => {
  /** All ticks between two instants. */
  async function ticks(recurrence: Recurrence, from: string, until: string): Promise<string[]> {
    const clock = fakeClock({ start: new Date(from) })
    const queue = memoryQueue({ clock })
    const at: string[] = []
    queue.work({
      queue: 'sync',
      handle: async () => {
        at.push(clock.now().toISOString())
        return undefined
      },
    })
    await queue.upsertSchedule({ scheduleId: 's', recurrence, job: { queue: 'sync', payload: {} } })
    await clock.advance(new Date(until).getTime() - new Date(from).getTime())
    await queue.close()
    return at
  }

  test('a daily time that is skipped in spring comes when clocks have gone on, one that is repeated comes once', async () => {
    const recurrence = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    expect(await ticks(recurrence, '2026-03-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
    expect(await ticks(recurrence, '2026-10-24T00:00:00.000Z', '2026-10-27T00:00:00.000Z')).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test('an hourly one comes every hour of real time', async () => {
    const recurrence = { cron: '15 * * * *', timeZone: 'Europe/Berlin' }
    expect(await ticks(recurrence, '2026-03-29T00:00:00.000Z', '2026-03-29T04:00:00.000Z')).toEqual([
      '2026-03-29T00:15:00.000Z',
      '2026-03-29T01:15:00.000Z',
      '2026-03-29T02:15:00.000Z',
      '2026-03-29T03:15:00.000Z',
    ])
    expect(await ticks(recurrence, '2026-10-25T00:00:00.000Z', '2026-10-25T03:00:00.000Z')).toEqual([
      '2026-10-25T00:15:00.000Z',
      '2026-10-25T01:15:00.000Z',
      '2026-10-25T02:15:00.000Z',
    ])
  })

  test('an interval is one of real time, whatever clocks show', async () => {
    const recurrence = { everyMs: 3_600_000, offsetMs: 60_000 }
    expect(await ticks(recurrence, '2026-10-25T00:00:00.000Z', '2026-10-25T02:30:00.000Z')).toEqual([
      '2026-10-25T00:01:00.000Z',
      '2026-10-25T01:01:00.000Z',
      '2026-10-25T02:01:00.000Z',
    ])
  })
})
