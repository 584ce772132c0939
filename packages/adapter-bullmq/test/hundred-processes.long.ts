import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bullmqQueue } from '@syncline/adapter-bullmq'
import { bullmqPostgresQueue, migrateBullmqPostgres } from '@syncline/adapter-bullmq/postgres'
import type { Queue } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../../test-support/server-database.ts'
import { clients, newPrefix, redisFile, redisOfThisFile } from './redis-harness.ts'

const waves = 4
const processesPerWave = 25
const patience = { timeout: 60_000, interval: 50 }

/** One wave of processes that write the schedule at the same moment and are killed at once. Answers their next ticks. */
async function wave(url: string, prefix: string): Promise<number[]> {
  const children: ChildProcess[] = Array.from({ length: processesPerWave }, () =>
    fork(join(import.meta.dirname, 'upsert.child.ts'), [url, prefix], {
      execArgv: ['--conditions=@syncline/source'],
    }),
  )
  await Promise.all(children.map((child) => once(child, 'message')))
  const answers = children.map(async (child) => {
    const [{ nextTickAt }] = await once(child, 'message')
    child.kill('SIGKILL')
    return Number(nextTickAt)
  })
  for (const child of children) child.send('go')
  return Promise.all(answers)
}

async function oneSchedule(queue: Queue, writeAll: () => Promise<number[]>): Promise<void> {
  for (let count = 0; count < waves; count++) {
    const ticks = await writeAll()
    expect(ticks).toHaveLength(processesPerWave)
    expect(await queue.schedules()).toHaveLength(1)
  }
  const startedAt: number[] = []
  queue.work({
    queue: 'sync',
    handle: async () => {
      startedAt.push(Date.now())
      return undefined
    },
  })
  await expect.poll(() => startedAt.length, patience).toBe(4)
  // The first may make up for a missed one; after it, one start for each tick.
  const slots = startedAt.slice(1).map((at) => Math.floor(at / 2_000))
  expect(new Set(slots).size).toBe(slots.length)
  await queue.close()
}

describe('100 processes that write one schedule, and die at once, leave one schedule that ticks', () => {
  const { server } = redisOfThisFile()

  test.skipIf(redisFile === undefined)('on Redis', { timeout: 400_000 }, async () => {
    const prefix = newPrefix()
    const queue = bullmqQueue({ connect: clients.ioredis6(server().url), prefix, timeoutMs: 15_000 })
    await oneSchedule(queue, () => wave(server().url, prefix))
  })

  test.skipIf(!serverIsAvailable())('on PostgreSQL', { timeout: 400_000 }, async () => {
    const database = await emptyServerDatabase({ migrated: false })
    await migrateBullmqPostgres({ connectionString: database.url })
    const prefix = newPrefix()
    const options = { connectionString: database.url, prefix, timeoutMs: 15_000 }
    const queue = bullmqPostgresQueue(options)
    await oneSchedule(queue, () => wave(database.url, prefix))
    await database.drop()
  })
})
