import type { PermitRequest } from '../ports/rate-limiter.ts'

/** What a key has started. Times are milliseconds of one clock. */
export interface RateHistory {
  /** How long until it may start: 0 for now, undefined while that depends on the end of something that runs. */
  waitMs(request: PermitRequest, now: number): number | undefined
  /** Counts it; the returned function says that it has ended. */
  start(request: PermitRequest, now: number): (now: number) => void
  /** Until the first of what runs has been held too long. */
  nextHoldEndMs(now: number): number
  /** Nothing runs and nothing counts any more. */
  isIdle(now: number): boolean
}

interface Running {
  readonly weight: number
  readonly holdEnd: number
}

interface Ended {
  readonly weight: number
  readonly at: number
}

const defaultHoldMs = 300_000

export function createRateHistory(): RateHistory {
  const running = new Set<Running>()
  /** In the order of their ends. */
  let ended: Ended[] = []
  let lastStart = Number.NEGATIVE_INFINITY
  let longestMs = 0

  const endHolds = (now: number): void => {
    for (const entry of running) if (entry.holdEnd <= now) end(entry, now)
  }
  const end = (entry: Running, now: number): void => {
    if (running.delete(entry)) ended.push({ weight: entry.weight, at: now })
  }
  const windowWaitMs = (window: { limit: number; perMs: number; weight: number }, now: number) => {
    const { limit, perMs, weight } = window
    let room = limit - weight - [...running].reduce((sum, entry) => sum + entry.weight, 0)
    if (room < 0) return undefined
    for (const entry of ended.toReversed()) {
      room -= entry.weight
      // Strictly later: clocks cut off fractions of a millisecond.
      const freeInMs = entry.at + perMs + 1 - now
      if (freeInMs <= 0) return 0
      if (room < 0) return freeInMs
    }
    return 0
  }
  return {
    waitMs({ limits, weight = 1 }, now) {
      endHolds(now)
      const { windows = [], minSpacingMs = 0, concurrency = Number.POSITIVE_INFINITY } = limits
      longestMs = Math.max(longestMs, minSpacingMs, ...windows.map(({ perMs }) => perMs))
      const firstCounting = ended.findIndex(({ at }) => at + longestMs >= now)
      ended = firstCounting < 0 ? [] : ended.slice(firstCounting)
      if (running.size >= concurrency) return undefined
      const waits = windows.map(({ limit, perMs }) => windowWaitMs({ limit, perMs, weight }, now))
      if (waits.includes(undefined)) return undefined
      return Math.max(0, lastStart + minSpacingMs - now, ...waits.map((ms) => ms ?? 0))
    },
    start({ weight = 1, holdMs = defaultHoldMs }, now) {
      const entry: Running = { weight, holdEnd: now + holdMs }
      running.add(entry)
      lastStart = now
      return (endedAt) => end(entry, endedAt)
    },
    nextHoldEndMs: (now) => Math.max(1, Math.min(...[...running].map(({ holdEnd }) => holdEnd)) - now),
    isIdle(now) {
      endHolds(now)
      return running.size === 0 && (ended.at(-1)?.at ?? lastStart) + longestMs < now
    },
  }
}
