import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type RedisServer, startRedis } from '../../test-support/redis/start-redis.ts'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { groupsOf, loadChart } from '../src/load/load-chart.ts'
import { type Load, type LoadRun, runLoad } from '../src/load/run-load.ts'

const redisFile = inject('redisFile')
const load: Load = {
  tenants: { large: 12, small: 1 },
  takesMs: 400,
  processes: 2,
  runsAtOnce: 2,
  maxStaggerMs: 1_000,
}

describe.skipIf(redisFile === null || inject('databaseUrl') === null)(
  'connectors due at the same minute on two worker processes',
  () => {
    let redis: RedisServer
    let database: Database
    let runs: readonly LoadRun[]
    beforeAll(async () => {
      ;[redis, database] = await Promise.all([
        startRedis(redisFile ?? ''),
        emptyServerDatabase({ migrated: true }),
      ])
      runs = await runLoad(load, { databaseUrl: database.url, redisUrl: redis.url })
    })
    afterAll(async () => {
      await redis.stop()
      await database.drop()
    })

    test('all run once, each at a moment of its own and none too early', () => {
      expect(runs).toHaveLength(26)
      expect(new Set(runs.map(({ dueAt }) => dueAt)).size).toBeGreaterThan(20)
      for (const { dueAt, startedAt } of runs) expect(startedAt).toBeGreaterThanOrEqual(dueAt)
    })

    test('a tenant with one connector is not held up by the backlog of one with many', () => {
      const [large, small] = groupsOf(load, runs)
      const overtaken = ({ dueAt, startedAt }: LoadRun): number =>
        large.runs.filter((run) => run.startedAt > dueAt && run.startedAt < startedAt).length
      const slots = load.processes * load.runsAtOnce
      // Those that were chosen before it was due, and as many again for a worker that looks away.
      for (const run of small.runs) expect(overtaken(run)).toBeLessThanOrEqual(2 * slots)
      // There was a backlog to be held up by.
      expect(Math.max(...large.runs.map(({ dueAt, startedAt }) => startedAt - dueAt))).toBeGreaterThan(
        3 * load.takesMs,
      )
    })

    test('are drawn, a line for each run', () => {
      const drawn = loadChart(load, runs)
      expect(drawn.match(/<rect class="(large|small)"/g)).toHaveLength(26)
      expect(drawn.match(/<rect class="wait"/g)).toHaveLength(26)
    })
  },
)
