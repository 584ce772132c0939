import type { Permit, PermitRequest, RateLimiter } from '@syncline/core'

/** A rate limiter under test, and what a suite needs besides its port. */
export interface RateLimiterHarness {
  readonly limiter: RateLimiter
  /** A second one on the same data, as another process has it; the same one where there is nothing to share. */
  readonly other: RateLimiter
  /** The limiter's own time, in milliseconds. */
  readonly now: () => Promise<number>
  /** Lets that much of the limiter's time pass, waking who waits. */
  readonly timePasses: (ms: number) => Promise<void>
  /** How much later than allowed a start may come: what looking again costs. @default 0 */
  readonly toleranceMs?: number | undefined
  readonly close: () => Promise<void>
}

/** Declares one case: its name repeats the promise it holds the limiter to. */
export type DeclareCase = (name: string, run: (stage: Stage) => Promise<void>) => void

/** What a request came to. */
export interface Asked {
  /** When it started; undefined while it waits. */
  startedAt?: number
  permit?: Permit
  error?: unknown
  settled: Promise<void>
}

export interface Stage extends RateLimiterHarness {
  readonly ask: (request?: Partial<PermitRequest>, limiter?: RateLimiter) => Asked
  /** Lets everything go on that can go on without time passing. */
  readonly settle: () => Promise<void>
}

export function stageOf(harness: RateLimiterHarness): Stage {
  return {
    ...harness,
    settle: () => harness.timePasses(0),
    ask(request, limiter = harness.limiter) {
      const asked: Asked = { settled: Promise.resolve() }
      const start = async (): Promise<void> => {
        try {
          asked.permit = await limiter.acquire({ key: 'vendor', limits: {}, ...request })
          asked.startedAt = await harness.now()
        } catch (error) {
          asked.error = error
        }
      }
      asked.settled = start()
      return asked
    },
  }
}

export const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))
export const started = (asked: readonly Asked[]): number => asked.filter(({ permit }) => permit).length
export const releaseAll = async (asked: readonly Asked[]): Promise<void> => {
  await Promise.all(asked.map(async ({ permit }) => permit?.release()))
}
