import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { isSyncError, type JsonValue, nextTickOf, type Recurrence, type Schedule } from '@syncline/core'
import { job } from './queue-adding.ts'
import { type DeclareQueueCase, gate, payloads, queueName } from './queue-stage.ts'

const second: Recurrence = { everyMs: 1_000 }
const month: Recurrence = { everyMs: 31 * 86_400_000 }

const schedule = (n: JsonValue, more: Partial<Schedule> = {}): Schedule => ({
  scheduleId: 'cr-sync-hr-user',
  recurrence: second,
  job: job(n, { key: 'hr user' }),
  ...more,
})

export function testQueueSchedules(test: DeclareQueueCase): void {
  test('a schedule adds its job at each tick', async (stage) => {
    const watched = stage.work()
    const { nextTickAt } = await stage.queue.upsertSchedule(
      schedule(1, { recurrence: { ...second, offsetMs: 300 } }),
    )
    await stage.until('it ticked three times', () => watched.started.length === 3)
    equal(nextTickAt.getTime() % 1_000, 300)
    ok((watched.started[0]?.at ?? 0) >= nextTickAt.getTime())
    for (const { at, scheduleId, key, payload } of watched.started) {
      ok((at - 300) % 1_000 < 900, `a tick was ${(at - 300) % 1_000} ms late`)
      deepEqual([scheduleId, key, payload], ['cr-sync-hr-user', 'hr user', { n: 1 }])
    }
    const distances = watched.started.slice(1).map(({ at }, n) => at - (watched.started[n]?.at ?? at))
    for (const distance of distances) ok(distance > 100, `two ticks ${distance} ms apart`)
  })

  test('of many processes that write one schedule, one schedule comes', async (stage) => {
    const writing = Array.from({ length: 100 }, (_, n) =>
      (n % 2 ? stage.queue : stage.other).upsertSchedule(schedule(1)),
    )
    const written = await Promise.all(writing)
    ok(written.every(({ scheduleId }) => scheduleId === 'cr-sync-hr-user'))
    equal((await stage.queue.schedules()).length, 1)
    const watched = stage.work()
    await stage.until('it ticked', () => watched.started.length > 0)
    const ticked = watched.started.length
    equal(ticked, 1)
  })

  test('processes that start and write their schedules again and again do not hold up a tick', async (stage) => {
    const watched = stage.work()
    for (let restart = 0; restart < 12; restart++) {
      await (restart % 2 ? stage.queue : stage.other).upsertSchedule(schedule(1))
      await stage.timePasses(250)
    }
    await stage.until('it ticked twice', () => watched.started.length >= 2)
    ok(watched.started.length <= 4)
  })

  test('a repeated upsert answers the same next tick, whatever the order of its fields', async (stage) => {
    const recurrence: Recurrence = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    const { nextTickAt } = await stage.queue.upsertSchedule(schedule(1, { recurrence }))
    const again = await stage.other.upsertSchedule({
      job: schedule(1).job,
      recurrence: { timeZone: 'Europe/Berlin', cron: '30 2 * * *' },
      scheduleId: 'cr-sync-hr-user',
    })
    deepEqual(again.nextTickAt, nextTickAt)
    deepEqual(nextTickAt, nextTickOf(recurrence, new Date(stage.now())))
  })

  test('with a key, a tick changes nothing while the job of the last one is under way', async (stage) => {
    const { opened, open } = gate()
    const watched = stage.work({ handle: () => opened, concurrency: 3 })
    await stage.queue.upsertSchedule(schedule(1))
    await stage.until('it ticked', () => watched.started.length === 1)
    await stage.timePasses(2_300)
    equal(watched.started.length, 1)
    open()
    await stage.until('it ticked again', () => watched.started.length === 2)
  })

  test('ticks that came due while no worker ran are made up for by one', async (stage) => {
    await stage.queue.upsertSchedule(schedule(1, { job: job(1) }))
    await stage.timePasses(3_400)
    // Away from a tick, so that the one that follows is not taken for one made up for.
    await stage.until('a tick is far', () => stage.now() % 1_000 < 400)
    const startedAt = stage.now()
    const watched = stage.work()
    await stage.until('it ticked', () => watched.started.length > 0)
    const ticksSince = (): number => Math.floor(stage.now() / 1_000) - Math.floor(startedAt / 1_000)
    equal(watched.started.length, 1)
    equal(ticksSince(), 0)
  })

  test('another job takes the place of the old one from the next tick on', async (stage) => {
    const before = await stage.queue.upsertSchedule(schedule('old', { recurrence: month }))
    const after = await stage.other.upsertSchedule(schedule('new', { recurrence: month }))
    deepEqual(after.nextTickAt, before.nextTickAt)
    deepEqual(
      (await stage.queue.schedules()).map(({ job: kept }) => kept.payload),
      [{ n: 'new' }],
    )
    const quick = await stage.queue.upsertSchedule(schedule('newest'))
    ok(quick.nextTickAt < before.nextTickAt)
    const watched = stage.work()
    await stage.until('it ticked', () => watched.started.length > 0)
    deepEqual(payloads(watched), ['newest'])
  })

  test('another recurrence takes the place of the old one', async (stage) => {
    await stage.queue.upsertSchedule(schedule(1))
    const { nextTickAt } = await stage.other.upsertSchedule(schedule(1, { recurrence: month }))
    deepEqual(nextTickAt, nextTickOf(month, new Date(stage.now())))
    const watched = stage.work()
    await stage.timePasses(1_500)
    equal(watched.started.length, 0)
    equal((await stage.queue.schedules()).length, 1)
  })

  test('a removed schedule ticks no more, and its jobs stay', async (stage) => {
    const watched = stage.work({ queueName: 'other' })
    await stage.queue.upsertSchedule(schedule(1))
    await stage.until('it ticked', async () => (await stage.queue.counts(queueName)).waiting === 1)
    equal(await stage.other.removeSchedule('cr-sync-hr-user'), true)
    equal(await stage.queue.removeSchedule('cr-sync-hr-user'), false)
    deepEqual(await stage.queue.schedules(), [])
    equal((await stage.queue.counts(queueName)).waiting, 1)
    const ran = stage.work()
    await stage.timePasses(1_500)
    equal(ran.started.length, 1)
    equal(watched.started.length, 0)
  })

  test('a schedule that is removed and written again ticks', async (stage) => {
    const watched = stage.work()
    for (let round = 0; round < 3; round++) {
      await stage.queue.upsertSchedule(schedule(1, { recurrence: month }))
      await stage.queue.removeSchedule('cr-sync-hr-user')
    }
    await stage.other.upsertSchedule(schedule(2))
    await stage.until('it ticked twice', () => watched.started.length === 2)
    deepEqual(payloads(watched), [2, 2])
  })

  test('a tick may add its job with a delay: starts are staggered', async (stage) => {
    const watched = stage.work()
    await stage.queue.upsertSchedule(schedule(1, { job: job(1, { key: 'k', delayMs: 400 }) }))
    await stage.until('it ran', () => watched.started.length === 1)
    const late = (watched.started[0]?.at ?? 0) % 1_000
    ok(late >= 399 && late < 1_000, `it ran ${late} ms after the tick`)
  })

  test('schedules are told ordered by id, with what they were written with', async (stage) => {
    const ids = ['b:1', 'B', 'a/ü', 'cr-sync-hr-user', '7']
    for (const scheduleId of ids)
      await stage.queue.upsertSchedule(schedule(scheduleId, { scheduleId, recurrence: month }))
    const kept = await stage.other.schedules()
    deepEqual(
      kept.map(({ scheduleId }) => scheduleId),
      ['7', 'B', 'a/ü', 'b:1', 'cr-sync-hr-user'],
    )
    for (const { scheduleId, recurrence, job: template, nextTickAt } of kept) {
      deepEqual(recurrence, { ...month, offsetMs: 0 })
      equal(template.key, 'hr user')
      deepEqual(template.payload, { n: scheduleId })
      deepEqual(nextTickAt, nextTickOf(month, new Date(stage.now())))
    }
  })

  const refused: Record<string, Partial<Schedule>> = {
    'no id': { scheduleId: '' },
    'an id with a line break': { scheduleId: 'a\nb' },
    'less than a second': { recurrence: { everyMs: 999 } },
    'more than 31 days': { recurrence: { everyMs: 32 * 86_400_000 } },
    'no such job': { job: job(1, { priority: -1 }) },
  }
  test('OPTIONS_INVALID and CRON_INVALID for what is no schedule, and nothing is written', async (stage) => {
    const writing = (more: Partial<Schedule>) => async () => stage.queue.upsertSchedule(schedule(1, more))
    for (const [what, more] of Object.entries(refused))
      await rejects(writing(more), (error) => isSyncError(error, 'OPTIONS_INVALID'), what)
    for (const recurrence of [{ cron: '* * * *' }, { cron: '0 0 * * *', timeZone: 'Mars/Phobos' }])
      await rejects(writing({ recurrence }), (error) => isSyncError(error, 'CRON_INVALID'), recurrence.cron)
    deepEqual(await stage.queue.schedules(), [])
  })
}
