import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  callFromProcesses,
  mostWithin,
  shareOfAllowed,
  usualGap,
} from '../../packages/adapter-redis/test/calling-processes.ts'
import { findRedis, type RedisServer, startRedis } from '../../test-support/redis/start-redis.ts'

const file = findRedis()
let server: RedisServer
beforeAll(async () => {
  if (file !== undefined) server = await startRedis(file)
})
afterAll(() => server?.stop())

describe.skipIf(file === undefined)('limits shared by six processes, as upstream sees them', () => {
  test.each([
    { limit: 90, perMs: 10_000, minSpacingMs: 0, seconds: 65 },
    { limit: 3, perMs: 1_000, minSpacingMs: 300, seconds: 45 },
  ])('$limit per $perMs ms, $minSpacingMs ms apart: never more, 95 % of it and better', async (given) => {
    const { limit, perMs, minSpacingMs, seconds } = given
    await server.command(['flushall'])
    const limits = { windows: [{ limit, perMs }], minSpacingMs }
    const arrivals = await callFromProcesses({ redisUrl: server.url, limits, processes: 6, seconds })
    console.log(
      `${arrivals.length} calls, ${shareOfAllowed(arrivals, { limit, perMs }).toFixed(3)} of the allowed`,
    )
    expect(mostWithin(arrivals, { limit, perMs })).toBeLessThanOrEqual(limit)
    expect(usualGap(arrivals)).toBeGreaterThan(minSpacingMs - 100)
    expect(shareOfAllowed(arrivals, { limit, perMs })).toBeGreaterThanOrEqual(0.95)
  })
})
