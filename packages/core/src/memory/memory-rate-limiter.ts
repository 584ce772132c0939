import { SyncError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Permit, PermitRequest, RateLimiter } from '../ports/rate-limiter.ts'
import { systemClock } from '../time/system-clock.ts'
import { monotonicClock } from './monotonic-clock.ts'
import { checkPermitRequest } from './permit-request.ts'
import { createRateHistory, type RateHistory } from './rate-history.ts'

/** Keys in use are never forgotten; of the others, those whose time has passed, once there are more than this. */
const maxIdleKeys = 1_000

/** Rate limits of one process: the reference for shared ones. */
export function memoryRateLimiter(options: { readonly clock?: Clock | undefined } = {}): RateLimiter {
  const clock = monotonicClock(options.clock ?? systemClock)
  const lanes = new Map<string, Lane>()
  return {
    async acquire(request) {
      checkPermitRequest(request)
      request.signal?.throwIfAborted()
      const lane = lanes.get(request.key) ?? { history: createRateHistory(), waiting: [], wake: undefined }
      lanes.set(request.key, lane)
      if (lanes.size > maxIdleKeys) dropIdle(lanes, clock.now())
      return enter(lane, request, clock)
    },
  }
}

/** One key: what has started, and who waits, first come first. */
interface Lane {
  readonly history: RateHistory
  readonly waiting: Waiting[]
  /** Takes back the alarm for the first one waiting. */
  wake: (() => void) | undefined
}

interface Waiting {
  readonly request: PermitRequest
  readonly since: number
  readonly start: (now: number) => void
  readonly refuse: (reason: unknown) => void
}

type Ticking = ReturnType<typeof monotonicClock>

function enter(lane: Lane, request: PermitRequest, clock: Ticking): Promise<Permit> {
  const { promise, resolve, reject } = Promise.withResolvers<Permit>()
  const since = clock.now()
  const leave = (): void => {
    disarm()
    request.signal?.removeEventListener('abort', onAbort)
    const place = lane.waiting.indexOf(waiting)
    if (place >= 0) lane.waiting.splice(place, 1)
  }
  const waiting: Waiting = {
    request,
    since,
    start(now) {
      leave()
      const end = lane.history.start(request, now)
      const release = async (): Promise<void> => {
        end(clock.now())
        letIn(lane, clock)
      }
      resolve({ waitedMs: now - since, release })
    },
    refuse(reason) {
      leave()
      reject(reason)
      letIn(lane, clock)
    },
  }
  const onAbort = (): void => waiting.refuse(request.signal?.reason)
  const tooLong = (): void => waiting.refuse(limited(request, lane.history.waitMs(request, clock.now())))
  request.signal?.addEventListener('abort', onAbort, { once: true })
  const disarm = request.maxWaitMs === undefined ? () => {} : clock.after(request.maxWaitMs, tooLong)
  lane.waiting.push(waiting)
  letIn(lane, clock)
  return promise
}

/** Starts the first ones waiting while they may, and sets an alarm for the next. */
function letIn(lane: Lane, clock: Ticking): void {
  lane.wake?.()
  lane.wake = undefined
  for (let first = lane.waiting[0]; first; first = lane.waiting[0]) {
    const { request, since } = first
    const now = clock.now()
    const waitMs = lane.history.waitMs(request, now)
    if (waitMs === 0) {
      first.start(now)
      continue
    }
    if (waitMs !== undefined && now + waitMs - since > (request.maxWaitMs ?? Number.POSITIVE_INFINITY)) {
      first.refuse(limited(request, waitMs))
      return
    }
    // Undefined: only a release can help, or the end of a hold.
    lane.wake = clock.after(waitMs ?? lane.history.nextHoldEndMs(now), () => letIn(lane, clock))
    return
  }
}

function dropIdle(lanes: Map<string, Lane>, now: number): void {
  for (const [key, lane] of lanes) {
    if (lane.waiting.length === 0 && lane.history.isIdle(now)) lanes.delete(key)
  }
}

/** Without a time where it depends on the end of something that runs. */
function limited({ key, maxWaitMs }: PermitRequest, waitMs: number | undefined): SyncError {
  return new SyncError('RATE_LIMITED', `The rate limit of ${key} leaves no room within ${maxWaitMs} ms`, {
    ...(waitMs ? { retryAfterMs: waitMs } : {}),
    details: { key },
  })
}
