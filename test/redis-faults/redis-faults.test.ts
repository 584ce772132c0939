import { beforeAll, describe, expect, test } from 'vitest'
import { redisFaults } from '../../test-support/redis/redis-faults.ts'
import { findRedis } from '../../test-support/redis/start-redis.ts'
import { disturbedSync, type Outcome } from './disturbed-sync.ts'
import { phases } from './phases.ts'

const file = findRedis()
/** What a look-up may wait for the cache. */
const cacheTimeoutMs = 100
/** For the store's own responses; without the timeout a look-up would wait for a second. */
const slackMs = 400

describe.skipIf(file === undefined)('a sync of processes that share a Redis', () => {
  let undisturbed: Outcome
  beforeAll(async () => {
    const { outcome } = await disturbedSync(file ?? '', { phase: 'between pages' })
    undisturbed = outcome
  })

  test('that nothing disturbs, sees what upstream became', () => {
    expect(undisturbed.runs).toMatchObject({
      users: [
        { status: 'success', stats: { unchanged: 20 } },
        { status: 'success', stats: { added: 2, updated: 6, unchanged: 12, staled: 2 } },
        { status: 'success', stats: { added: 20 } },
      ],
      groups: [{ status: 'success', stats: { added: 20 } }],
    })
  })

  describe.each(Object.entries(redisFaults))('that is %s', (name, fault) => {
    test.concurrent.each(phases)('%s: nothing is lost, doubled or held up', async (phase) => {
      const { outcome, waits, said } = await disturbedSync(file ?? '', { phase, fault })
      expect(outcome).toEqual(undisturbed)
      expect(Math.max(...waits.lookUps)).toBeLessThan(cacheTimeoutMs + slackMs)
      // A minute less than 90 s, since these processes look every half second, not every minute.
      expect(waits.tick).toBeLessThan(30_000)
      expect(waits.stop).toBeLessThan(5_000 + slackMs)
      expect(waits.close).toBeLessThan(5_000 + slackMs)
      if (name !== 'flushed') expect(said.join('\n')).toMatch(/the cache|the queue|Redis/)
    })
  })
})
