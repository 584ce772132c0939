import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findRedis, type RedisServer, startRedis } from '../../test-support/redis/start-redis.ts'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { canonicalSync } from '../crash/canonical-sync.ts'
import { counts, verify } from '../crash/check-scenario.ts'
import { users } from '../crash/scenario.ts'
import { prepareScheduled } from '../postgres-faults/scheduled-process.ts'
import { comeDue } from './come-due.ts'
import { type FirstAnswer, serveHeldPages } from './held-pages.ts'

const lockMs = 1_000
const soon = { timeout: 60_000, interval: 20 }
const redisFile = findRedis()

interface Said {
  readonly kind: string
  readonly at: number
}

interface Worker {
  readonly child: ChildProcess
  readonly said: Said[]
}

describe.skipIf(redisFile === undefined || !serverIsAvailable())('workers on PostgreSQL and Redis', () => {
  let redis: RedisServer
  let base: Database
  let database: Database
  let store: Store
  let upstream: Awaited<ReturnType<typeof serveHeldPages>>
  let workers: Worker[]

  beforeAll(async () => {
    redis = await startRedis(redisFile ?? '')
    base = await emptyServerDatabase({ migrated: true })
    await prepareScheduled(base, canonicalSync)
  })
  afterAll(async () => {
    await redis.stop()
    await base.drop()
  })
  beforeEach(async () => {
    database = await base.copy()
    store = await openPostgresStore({ connectionString: database.url })
    await redis.command(['flushall'])
    workers = []
  })
  afterEach(async () => {
    for (const { child } of workers) child.kill('SIGKILL')
    upstream.close()
    await store.close()
    await database.drop()
  })

  const started = ({ said }: Worker): number => said.filter(({ kind }) => kind === 'run.started').length

  /** A fleet whose scope comes due once all of them are up. */
  async function startFleet(size: number, first: ReadonlyMap<number, FirstAnswer>): Promise<void> {
    upstream = await serveHeldPages(canonicalSync.pages, first)
    await database.query(`update syncline.connector_definition set config = $1::jsonb`, [
      JSON.stringify({ url: upstream.url }),
    ])
    workers = Array.from({ length: size }, () => {
      const args = [database.url, redis.url, String(lockMs)]
      const child = fork(join(import.meta.dirname, 'fleet.child.ts'), args, {
        execArgv: ['--conditions=@syncline/source'],
      })
      const said: Said[] = []
      child.on('message', (message) => said.push(message as Said))
      return { child, said }
    })
    const up = () => workers.filter(({ said }) => said.some(({ kind }) => kind === 'up'))
    await vi.waitFor(() => expect(up()).toHaveLength(size), soon)
    await comeDue(store, users)
  }

  /** The run ends well, as if nothing had happened; and the schedule ticks on. */
  async function endsWell(): Promise<void> {
    const ended = async (times: number) => {
      const runs = await store.runs.list({ ...users, status: 'success', limit: 100 })
      expect(runs.length).toBe(times)
      return runs
    }
    const historyRuns = canonicalSync.history.length
    const [run] = await vi.waitFor(() => ended(historyRuns + 1), soon)
    expect(run && counts(run.stats), 'I3').toEqual({ ...canonicalSync.expected.counts, durationMs: 0 })
    await comeDue(store, users)
    await vi.waitFor(() => ended(historyRuns + 2), soon)
    expect(workers.flatMap(({ said }) => said).filter(({ kind }) => kind === 'uncaught')).toEqual([])
    for (const { child } of workers) child.kill('SIGKILL')
    await verify(database, store, canonicalSync)
  }

  test('killed with -9 three times in the middle of a run hand it on, and the last one ends it', async () => {
    const deadly = [1, 3, 5]
    await startFleet(4, new Map(deadly.map((page) => [page, 'none'])))
    for (const [index, page] of deadly.entries()) {
      await vi.waitFor(() => expect(upstream.asked).toContain(page), soon)
      // Whoever began last holds the run.
      const holding = () => workers.filter((worker) => started(worker) > 0 && worker.child.exitCode === null)
      await vi.waitFor(
        () => expect(workers.reduce((sum, each) => sum + started(each), 0)).toBe(index + 1),
        soon,
      )
      const [holder] = holding().filter(({ child }) => !child.killed)
      holder?.child.kill('SIGKILL')
      expect(holder, 'somebody was killed').toBeDefined()
    }
    await endsWell()
    const runs = await store.runs.list({ ...users, limit: 100 })
    expect(runs.filter(({ error }) => error?.code === 'RUN_ABANDONED')).toHaveLength(deadly.length)
    expect(upstream.asked.slice(0, 9), 'I4: a death costs one page').toEqual([0, 1, 1, 2, 3, 3, 4, 5, 5])
  })

  test('one of which is blocked for three times its lock lose nothing: the other ends the run', async () => {
    await startFleet(2, new Map([[2, { blockMs: 3 * lockMs }]]))
    const unblockedAt = () => workers.flatMap(({ said }) => said).find(({ kind }) => kind === 'unblocked')?.at
    await vi.waitFor(() => expect(unblockedAt()).toBeDefined(), soon)
    const starts = workers.flatMap(({ said }) => said.filter(({ kind }) => kind === 'run.started'))
    // The fault happened: the other one began while the first was still blocked.
    expect(starts).toHaveLength(2)
    for (const { at } of starts) expect(at).toBeLessThan(unblockedAt() ?? 0)
    await endsWell()
  })
})
