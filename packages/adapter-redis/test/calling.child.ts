import { openRedisRateLimiter } from '@syncline/adapter-redis'
import type { RateLimits } from '@syncline/core'

/** A process that calls an upstream as often as the shared limits let it, until it is told to stop. */
const [redisUrl = '', upstreamUrl = '', limitsJson = '{}', holdMs = '300000'] = process.argv.slice(2)
const limits: RateLimits = JSON.parse(limitsJson)
const limiter = await openRedisRateLimiter({ url: redisUrl })
const ending = new AbortController()
process.once('message', () => ending.abort(new Error('done')))
// The first call of a process loads much.
await (await fetch(`${upstreamUrl}/warm-up`)).text()
process.send?.('ready')

const call = async (): Promise<void> => {
  while (!ending.signal.aborted) {
    const permit = await limiter.acquire({
      key: 'upstream',
      limits,
      holdMs: Number(holdMs),
      signal: ending.signal,
    })
    try {
      await (await fetch(upstreamUrl)).text()
    } finally {
      await permit.release()
    }
  }
}
await Promise.allSettled(Array.from({ length: 4 }, call))
await limiter.close()
process.disconnect()
