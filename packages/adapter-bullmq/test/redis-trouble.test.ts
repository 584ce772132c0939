import { bullmqQueue } from '@syncline/adapter-bullmq'
import type { Queue } from '@syncline/core'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../test-support/redis/start-redis.ts'
import { clients, passing, redisFile } from './redis-harness.ts'
import {
  addOnceBack,
  countingWorker,
  holdingWorker,
  isUnavailable,
  job,
  nothingLeft,
  soon,
  timed,
} from './trouble.ts'

/** Vitest fails the run on any uncaught exception: these tests promise that there is none (I10). */
describe.skipIf(redisFile === undefined)('Redis', () => {
  let redis: RedisServer
  let queue: Queue

  beforeEach(async () => {
    redis = await startRedis(redisFile ?? '')
    queue = bullmqQueue({ connect: clients.ioredis6(redis.url), timeoutMs: 500, lockMs: 1_000 })
  })
  afterEach(async () => {
    await queue.close({ drainMs: 0 })
    await redis.stop()
  })

  const unavailable = () => isUnavailable(queue.add(job))

  test('killed while jobs wait keeps them: all run once it is back', async () => {
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`)
    for (const key of keys) await queue.add({ ...job, key })
    const ran: (string | undefined)[] = []
    await redis.kill()
    queue.work({
      queue: 'sync',
      concurrency: 5,
      handle: async ({ key }) => {
        ran.push(key)
        return undefined
      },
    })
    await unavailable()
    await redis.restart()
    await expect.poll(() => ran.length, soon).toBe(50)
    expect(new Set(ran)).toEqual(new Set(keys))
  })

  test('killed while a job runs: the job ends, and others run once it is back', async () => {
    const ran: unknown[] = []
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
    queue.work({
      queue: 'sync',
      handle: async ({ payload }) => {
        ran.push(payload.n)
        if (payload.n === 1 && ran.length === 1) await held
        return undefined
      },
    })
    await queue.add({ ...job, payload: { n: 1 } })
    await expect.poll(() => ran, soon).toEqual([1])
    await redis.kill()
    await unavailable()
    await redis.restart()
    release(undefined)
    await addOnceBack(queue, { ...job, payload: { n: 2 } })
    await expect.poll(() => ran.includes(2), soon).toBe(true)
    await expect.poll(() => queue.counts('sync'), soon).toEqual(nothingLeft)
  })

  test('gone: a question is QUEUE_UNAVAILABLE within the time-out, and close returns within 5 s', async () => {
    queue.work({ queue: 'sync', handle: async () => undefined })
    await queue.add(job)
    await redis.kill()
    expect(await timed(unavailable)).toBeLessThan(700)
    expect(await timed(() => queue.close())).toBeLessThan(5_000)
  })

  test('gone when the queue is closed: no connection of ours comes back with it', async () => {
    queue.work({ queue: 'sync', handle: async () => undefined })
    await queue.add(job)
    await redis.kill()
    await queue.close()
    await redis.restart()
    const client = new Redis(redis.url)
    // Clients that were left behind would try again many times a second.
    await passing(1_000)
    expect(
      String(await client.client('LIST'))
        .trim()
        .split('\n'),
    ).toHaveLength(1)
    await client.quit()
  })

  test('never there: a question is QUEUE_UNAVAILABLE within the time-out, and close returns within 5 s', async () => {
    await redis.kill()
    queue.work({ queue: 'sync', handle: async () => undefined })
    expect(await timed(unavailable)).toBeLessThan(700)
    expect(await timed(() => queue.close())).toBeLessThan(5_000)
  })

  test('hung while a job runs: questions are QUEUE_UNAVAILABLE in time, and close returns within 5 s', async () => {
    const worker = holdingWorker(queue)
    await queue.add(job)
    await expect.poll(worker.started, soon).toBe(1)
    redis.hang()
    expect(await timed(unavailable)).toBeLessThan(700)
    expect(await timed(() => queue.close())).toBeLessThan(5_000)
    redis.goOn()
    worker.release()
  })

  test('hung for a while: jobs run once it goes on', async () => {
    const { ran } = countingWorker(queue)
    await queue.add(job)
    await expect.poll(ran, soon).toBe(1)
    redis.hang()
    await unavailable()
    redis.goOn()
    await addOnceBack(queue)
    await expect.poll(ran, soon).toBeGreaterThanOrEqual(2)
  })

  test('flushed: schedules tick again once they are written again, and jobs run', async () => {
    const schedule = {
      scheduleId: 'cr-sync-hr-user',
      recurrence: { everyMs: 1_000 },
      job: { ...job, key: 'hr user' },
    }
    const { ran } = countingWorker(queue)
    await queue.upsertSchedule(schedule)
    await expect.poll(ran, soon).toBeGreaterThan(0)
    await redis.command(['flushall'])
    expect(await queue.schedules()).toEqual([])
    const before = ran()
    await queue.upsertSchedule(schedule)
    await expect.poll(ran, soon).toBeGreaterThan(before)
  })

  test('flushed while a job runs: the worker goes on with the next one', async () => {
    const worker = holdingWorker(queue)
    await queue.add(job)
    await expect.poll(worker.started, soon).toBe(1)
    await redis.command(['flushall'])
    worker.release()
    await queue.add(job)
    await expect.poll(worker.started, soon).toBe(2)
  })

  test('keeps nothing of jobs that ended well, and of dead ones the newest 1,000', async () => {
    const client = new Redis(redis.url)
    queue.work({
      queue: 'sync',
      concurrency: 50,
      handle: async ({ payload }) => {
        if (payload.bad) throw new Error('no')
        return undefined
      },
    })
    for (let n = 0; n < 1_100; n += 100)
      await Promise.all(
        Array.from({ length: 100 }, () => queue.add({ ...job, payload: { bad: true }, retryDelaysMs: [] })),
      )
    const idle = { ...nothingLeft, dead: 1_000 }
    await expect.poll(() => queue.counts('sync'), soon).toEqual(idle)
    await Promise.all(Array.from({ length: 300 }, (_, n) => queue.add({ ...job, key: `k${n}` })))
    await expect.poll(() => queue.counts('sync'), soon).toEqual(idle)
    // The letters, and a few keys of the queue itself.
    expect(await client.dbsize()).toBeLessThan(1_000 + 20)
    await client.quit()
  })

  test('a job that was lost more than ten times is a dead letter, JOB_LOST', async () => {
    let started = 0
    const worker = queue.work({
      queue: 'sync',
      handle: () => {
        started += 1
        return new Promise(() => {})
      },
    })
    const { jobId } = await queue.add({ ...job, key: 'k' })
    await expect.poll(() => started, soon).toBe(1)
    // What BullMQ counts there each time.
    await redis.command(['hset', `syncline:sync:${jobId}`, 'stc', '10'])
    expect(await worker.stop({ drainMs: 0 })).toEqual({ unfinished: 1 })
    queue.work({
      queue: 'sync',
      handle: async () => {
        started += 1
        return undefined
      },
    })
    await expect.poll(() => queue.counts('sync'), soon).toMatchObject({ running: 0, dead: 1 })
    const [letter] = await queue.deadLetters('sync')
    expect([letter?.jobId, letter?.key, letter?.error.code]).toEqual([jobId, 'k', 'JOB_LOST'])
    expect(started).toBe(1)
    expect((await queue.add({ ...job, key: 'k' })).added).toBe(true)
  })

  test('clients of the host are neither used nor closed', async () => {
    const mine = new Redis(redis.url)
    const theirs = bullmqQueue({ connect: (options) => mine.duplicate(options) })
    await theirs.add(job)
    await theirs.close()
    expect(mine.status).toBe('ready')
    expect(await mine.ping()).toBe('PONG')
    await mine.quit()
  })

  test('has no connection of ours left after close', async () => {
    const client = new Redis(redis.url)
    const connections = async () =>
      String(await client.client('LIST'))
        .trim()
        .split('\n').length
    queue.work({ queue: 'sync', handle: async () => undefined })
    await queue.add(job)
    await expect.poll(connections, soon).toBeGreaterThan(3)
    await queue.close()
    await expect.poll(connections, soon).toBe(1)
    await client.quit()
  })
})
