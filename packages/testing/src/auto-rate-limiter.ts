import { isSyncError, type Permit, type PermitRequest, type RateLimiter } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import type { FakeClock } from './fake-clock.ts'

/**
 * Rate limits for an automatic fake clock: whoever has to wait sleeps, so that the clock moves on by itself, but never
 * while something runs, whose own deadlines would pass with it. The limits hold as ever, by that clock.
 */
export function autoRateLimiter(clock: FakeClock): RateLimiter {
  const limiter = memoryRateLimiter({ clock })
  const running = createRunning()
  const nowMs = (): number => clock.now().getTime()
  return {
    async acquire(request) {
      const { maxWaitMs = Number.POSITIVE_INFINITY, signal } = request
      const begunAt = nowMs()
      for (;;) {
        const askedAt = nowMs()
        const asked = await askNow(limiter, request)
        const waitedMs = nowMs() - begunAt
        if (asked.permit) return { waitedMs, release: running.enter(asked.permit) }
        if (waitedMs + asked.waitMs > maxWaitMs) throw asked.refusal
        if (running.any()) await running.nextEnd(signal)
        // Somebody else may have slept meanwhile.
        else if (nowMs() === askedAt) await clock.sleep(asked.waitMs, signal)
      }
    },
  }
}

type Asked =
  | { readonly permit: Permit }
  | { readonly permit?: never; readonly waitMs: number; readonly refusal: unknown }

/** A permit, or how long to wait before asking again: 0 where that depends on what runs. */
async function askNow(limiter: RateLimiter, request: PermitRequest): Promise<Asked> {
  try {
    return { permit: await limiter.acquire({ ...request, maxWaitMs: 0 }) }
  } catch (refusal) {
    if (!isSyncError(refusal, 'RATE_LIMITED')) throw refusal
    return { waitMs: refusal.retryAfterMs ?? 0, refusal }
  }
}

/** What has started and not ended. */
function createRunning() {
  const permits = new Set<Permit>()
  let ended = Promise.withResolvers<void>()
  return {
    any: () => permits.size > 0,
    enter(permit: Permit): Permit['release'] {
      permits.add(permit)
      return async () => {
        await permit.release()
        if (!permits.delete(permit)) return
        ended.resolve()
        ended = Promise.withResolvers()
      }
    },
    /** @throws the signal's reason when it aborts first */
    async nextEnd(signal: AbortSignal | undefined): Promise<void> {
      const aborted = Promise.withResolvers<never>()
      const abort = (): void => aborted.reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      try {
        signal?.throwIfAborted()
        await Promise.race([ended.promise, aborted.promise])
      } finally {
        signal?.removeEventListener('abort', abort)
      }
    },
  }
}
