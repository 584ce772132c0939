import { describe, expect, test, vi } from 'vitest'
import { redisFaults } from '../../test-support/redis/redis-faults.ts'
import { findRedis, startRedis } from '../../test-support/redis/start-redis.ts'
import { before } from './directory.ts'
import { startFleet } from './fleet.ts'

const file = findRedis()
const patience = { timeout: 200_000, interval: 100 }
const lastsMs = 65_000

describe.skipIf(file === undefined)('with the settings that processes have by default', () => {
  test.concurrent.each(Object.entries(redisFaults))(
    'schedules tick again within 90 s after a Redis that was %s for a minute',
    { timeout: 600_000 },
    async (name, fault) => {
      const redis = await startRedis(file ?? '')
      const fleet = await startFleet(redis, { cronSchedule: '* * * * *', limits: {}, queue: {} })
      const { members, directory, store } = fleet
      directory.become(before)
      const ended = async (): Promise<number> =>
        (await store.runs.list({ connectorId: 'acme', status: 'success', limit: 100 })).length
      try {
        await vi.waitFor(
          async () =>
            expect({ ended: await ended(), said: fleet.said.slice(-9) }).toSatisfy((seen) => seen.ended >= 2),
          patience,
        )
        await fault.begin(redis)
        await new Promise((resolve) => setTimeout(resolve, lastsMs))
        await fault.end(redis)
        const [since, endedBefore] = [performance.now(), await ended()]
        await vi.waitFor(async () => expect(await ended()).toBeGreaterThanOrEqual(endedBefore + 2), patience)
        const waitedMs = performance.now() - since
        console.log(`${name}: both scopes ran again after ${Math.round(waitedMs / 1_000)} s`)
        expect(waitedMs).toBeLessThan(90_000)
        expect(directory.mostAtOnce).toBe(1)
      } finally {
        await redis.stop()
        await Promise.all(members.map(({ syncline }) => syncline.stop()))
        await Promise.all(members.map((member) => member.close()))
      }
    },
  )
})
