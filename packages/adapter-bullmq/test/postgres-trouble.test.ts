import { bullmqPostgresQueue, migrateBullmqPostgres } from '@syncline/adapter-bullmq/postgres'
import type { Queue } from '@syncline/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { privateServer } from '../../../scripts/services.mjs'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { passing } from './redis-harness.ts'
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
describe.skipIf(!serverIsAvailable())('PostgreSQL', () => {
  let database: Database
  let queue: Queue

  beforeEach(async () => {
    database = await emptyServerDatabase({ migrated: false })
    await migrateBullmqPostgres({ connectionString: database.url })
    queue = bullmqPostgresQueue({ connectionString: database.url, timeoutMs: 500, lockMs: 1_000 })
  })
  afterEach(async () => {
    await queue.close({ drainMs: 0 })
    await database.drop()
  })

  /** Ends all connections of the queue. */
  const terminate = async (): Promise<number> => {
    const { rowCount } = await database.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    )
    return rowCount ?? 0
  }

  test('ends every connection while a worker waits: jobs that are added then run', async () => {
    const { ran } = countingWorker(queue)
    await queue.add(job)
    await expect.poll(ran, soon).toBe(1)
    expect(await terminate()).toBeGreaterThan(2)
    await addOnceBack(queue)
    await expect.poll(ran, soon).toBeGreaterThanOrEqual(2)
  })

  test('ends every connection while a job runs: the job ends, and is not run for ever', async () => {
    const worker = holdingWorker(queue)
    await queue.add(job)
    await expect.poll(worker.started, soon).toBe(1)
    expect(await terminate()).toBeGreaterThan(2)
    worker.release()
    const counts = () => queue.counts('sync').catch(() => undefined)
    await expect.poll(counts, soon).toEqual(nothingLeft)
  })

  test('gone: a question is QUEUE_UNAVAILABLE within the time-out, and close returns within 5 s', async () => {
    const server = await privateServer()
    await migrateBullmqPostgres({ connectionString: server.url })
    const theirs = bullmqPostgresQueue({ connectionString: server.url, timeoutMs: 500 })
    const { ran } = countingWorker(theirs)
    await theirs.add(job)
    await expect.poll(ran, soon).toBe(1)
    await server.stop()
    expect(await timed(() => isUnavailable(theirs.add(job)))).toBeLessThan(700)
    expect(await timed(() => theirs.close())).toBeLessThan(5_000)
    // What was asked for before it was closed would fail by now, for everyone to see.
    await passing(600)
  })

  test('has no connection of ours left after close', async () => {
    const connections = async (): Promise<number> => {
      const { rows } = await database.query(
        `select count(*)::int as count from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      )
      return rows[0].count
    }
    queue.work({ queue: 'sync', handle: async () => undefined })
    await queue.add(job)
    await expect.poll(connections, soon).toBeGreaterThan(2)
    await queue.close()
    await expect.poll(connections, soon).toBe(0)
  })
})
