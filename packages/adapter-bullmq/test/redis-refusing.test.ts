import { bullmqQueue } from '@syncline/adapter-bullmq'
import { describe, test } from 'vitest'
import { outOfMemory, readOnly } from '../../../test-support/redis/redis-faults.ts'
import { startRedis } from '../../../test-support/redis/start-redis.ts'
import { clients, passing, redisFile } from './redis-harness.ts'
import { addOnceBack, holdingWorker, isUnavailable, job, nothingLeft, soon, timed } from './trouble.ts'

/** How a server that answers comes to refuse what is written, and what it says. */
const refusals = {
  'out of memory': { ...outOfMemory, says: /OOM/, letsJobsEnd: true },
  'read-only': { ...readOnly, says: /READONLY/, letsJobsEnd: false },
} as const

const schedule = {
  scheduleId: 'cr-sync-hr-user',
  recurrence: { everyMs: 1_000 },
  job: { queue: 'sync', key: 'hr user', payload: {} },
}

/** A Redis, a queue on it, and what the queue says is wrong. */
async function setStage() {
  const redis = await startRedis(redisFile ?? '')
  const troubles: string[] = []
  const logger = { warn: ({ error }: { error?: unknown }) => void troubles.push(String(error)) }
  const queue = bullmqQueue({ connect: clients.ioredis6(redis.url), timeoutMs: 5_000, lockMs: 1_000, logger })
  return {
    redis,
    queue,
    troubles,
    async [Symbol.asyncDispose]() {
      await queue.close({ drainMs: 0 })
      await redis.stop()
    },
  }
}

describe.skipIf(redisFile === undefined).each(Object.entries(refusals))('Redis, %s,', (_, refusal) => {
  test.concurrent('refuses jobs and schedules with QUEUE_UNAVAILABLE, and keeps those it has', async ({
    expect,
  }) => {
    await using stage = await setStage()
    const { redis, queue } = stage
    const keys = Array.from({ length: 20 }, (_key, n) => `k${n}`)
    for (const key of keys) await queue.add({ ...job, key })
    await queue.upsertSchedule(schedule)
    await refusal.begin(redis)
    await isUnavailable(queue.add(job))
    await isUnavailable(queue.upsertSchedule({ ...schedule, scheduleId: 'cr-sync-hr-group' }))
    expect(await queue.counts('sync')).toEqual({ ...nothingLeft, waiting: 20 })
    expect(await queue.schedules()).toMatchObject([schedule])
    await refusal.end(redis)
    const ran = new Set<string | undefined>()
    queue.work({
      queue: 'sync',
      concurrency: 5,
      handle: async ({ key, scheduleId }) => {
        ran.add(scheduleId ?? key)
        return undefined
      },
    })
    await expect.poll(() => ran, soon).toEqual(new Set([...keys, schedule.scheduleId]))
  })

  test.concurrent('while a job runs: it is not lost, and others run and schedules tick afterwards', async ({
    expect,
  }) => {
    await using stage = await setStage()
    const { redis, queue, troubles } = stage
    const worker = holdingWorker(queue)
    const { jobId } = await queue.add({ ...job, key: 'k', retryDelaysMs: [] })
    await queue.upsertSchedule(schedule)
    await expect.poll(worker.started, soon).toBe(1)
    await refusal.begin(redis)
    worker.release()
    // Longer than the lock: what could not be ended is somebody else's, once there is somebody again.
    await passing(1_500)
    const state = async () => (await queue.get('sync', jobId))?.state
    await expect.poll(state, soon).toBe(refusal.letsJobsEnd ? undefined : 'running')
    await expect.poll(() => troubles.join(), soon).toMatch(refusal.says)
    await refusal.end(redis)
    await addOnceBack(queue)
    await expect.poll(worker.started, soon).toBeGreaterThanOrEqual(3)
    await queue.removeSchedule(schedule.scheduleId)
    await expect.poll(() => queue.counts('sync'), soon).toEqual(nothingLeft)
    expect((await queue.add({ ...job, key: 'k' })).added).toBe(true)
  })

  test.concurrent('while jobs wait: a worker asks for them now and then, not as often as it can', async ({
    expect,
  }) => {
    await using stage = await setStage()
    const { redis, queue, troubles } = stage
    for (let n = 0; n < 5; n++) await queue.add(job)
    await refusal.begin(redis)
    const worker = holdingWorker(queue)
    worker.release()
    await expect.poll(() => troubles.join(), soon).toMatch(refusal.says)
    troubles.splice(0)
    await passing(1_500)
    expect(worker.started()).toBe(0)
    expect(troubles.length).toBeLessThan(60)
    await refusal.end(redis)
    await expect.poll(worker.started, soon).toBe(5)
  })

  test.concurrent('close returns within 5 s', async ({ expect }) => {
    await using stage = await setStage()
    const { redis, queue } = stage
    const worker = holdingWorker(queue)
    await queue.add(job)
    await expect.poll(worker.started, soon).toBe(1)
    await refusal.begin(redis)
    expect(await timed(() => queue.close())).toBeLessThan(5_000)
    worker.release()
  })
})
