import { isSyncError } from '@syncline/core'
import { expect, test } from 'vitest'
import { autoRateLimiter, fakeClock } from '../src/index.ts'

const stage = () => {
  const clock = fakeClock({ auto: true })
  const limiter = autoRateLimiter(clock)
  const limits = { windows: [{ limit: 2, perMs: 1_000 }], concurrency: 3 }
  const starts: number[] = []
  const work = async (maxWaitMs?: number) => {
    const permit = await limiter.acquire({ key: 'vendor', limits, maxWaitMs })
    starts.push(clock.now().getTime())
    await new Promise((resolve) => setImmediate(resolve))
    await permit.release()
    return permit.waitedMs
  }
  return { starts, work }
}

test('waits take no real time, and the limits hold by the clock', async () => {
  const { starts, work } = stage()
  const waited = await Promise.all(Array.from({ length: 7 }, () => work()))
  expect(starts).toHaveLength(7)
  const tooSoon = starts.filter((at, index) => at - (starts[index - 2] ?? 0) < 1_000)
  expect(tooSoon).toEqual([])
  expect(waited.filter((ms) => ms >= 1_000).length).toBe(5)
})

test('a wait above maxWaitMs is RATE_LIMITED, with how long it would have been', async () => {
  const { work } = stage()
  await Promise.all([work(), work()])
  const error = await work(500).catch((thrown: unknown) => thrown)
  expect(isSyncError(error, 'RATE_LIMITED') && error.retryAfterMs).toBeGreaterThanOrEqual(1_000)
})
