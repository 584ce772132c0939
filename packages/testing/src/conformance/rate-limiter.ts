import { deepEqual, equal, ok } from 'node:assert/strict'
import { isSyncError, type Permit, type PermitRequest, type RateLimiter } from '@syncline/core'

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

/** The test runner's own functions and how to make a limiter: works with vitest, node:test, mocha and jest. */
export interface RateLimiterSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly createRateLimiter: () => Promise<RateLimiterHarness>
}

type DeclareCase = (name: string, run: (stage: Stage) => Promise<void>) => void

/** What a request came to. */
interface Asked {
  /** When it started; undefined while it waits. */
  startedAt?: number
  permit?: Permit
  error?: unknown
  settled: Promise<void>
}

interface Stage extends RateLimiterHarness {
  readonly ask: (request?: Partial<PermitRequest>, limiter?: RateLimiter) => Asked
  /** Lets everything go on that can go on without time passing. */
  readonly settle: () => Promise<void>
}

/**
 * Holds a rate limiter to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testRateLimiter({ describe, test, createRateLimiter: async () => ({ limiter, other, now, timePasses, close }) })
 * ```
 */
export function testRateLimiter(suite: RateLimiterSuite): void {
  const group = (name: string, declare: (test: DeclareCase) => void): void => {
    suite.describe(name, () =>
      declare((caseName, run) => {
        suite.test(caseName, async () => {
          const harness = await suite.createRateLimiter()
          try {
            await run(stageOf(harness))
          } finally {
            await harness.close()
          }
        })
      }),
    )
  }
  group('RateLimiter: windows', testWindows)
  group('RateLimiter: spacing and concurrency', testSpacing)
  group('RateLimiter: order', testOrder)
  group('RateLimiter: refusals', testRefusals)
}

function stageOf(harness: RateLimiterHarness): Stage {
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

const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))
const started = (asked: readonly Asked[]): number => asked.filter(({ permit }) => permit).length
const releaseAll = async (asked: readonly Asked[]): Promise<void> => {
  await Promise.all(asked.map(async ({ permit }) => permit?.release()))
}

function testWindows(test: DeclareCase): void {
  const limits = { windows: [{ limit: 3, perMs: 1_000 }] }

  test('no more start than a window holds, for all users of the key together', async (stage) => {
    const asked = many(8, (index) => stage.ask({ limits }, index % 2 ? stage.other : stage.limiter))
    await stage.settle()
    equal(started(asked), 3)
    await releaseAll(asked)
    await stage.timePasses(900)
    equal(started(asked), 3)
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    equal(started(asked), 6)
  })

  test('a window slides: no stretch of its length ever holds more', async (stage) => {
    const asked = many(12, () => stage.ask({ limits }))
    for (let tick = 0; tick < 60; tick++) {
      await stage.timePasses(100)
      await releaseAll(asked)
    }
    equal(started(asked), 12)
    const starts = asked.map(({ startedAt }) => startedAt ?? 0).toSorted((left, right) => left - right)
    for (const start of starts) ok(starts.filter((at) => at >= start && at < start + 1_000).length <= 3)
  })

  test('places become free their perMs after the release, not after the start', async (stage) => {
    const first = many(3, () => stage.ask({ limits }))
    await stage.settle()
    const next = stage.ask({ limits })
    await stage.timePasses(5_000)
    equal(started([next]), 0)
    await releaseAll(first)
    await stage.timePasses(900)
    equal(started([next]), 0)
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    equal(started([next]), 1)
  })

  test('several windows all hold', async (stage) => {
    const both = {
      windows: [
        { limit: 2, perMs: 100 },
        { limit: 3, perMs: 1_000 },
      ],
    }
    const asked = many(6, () => stage.ask({ limits: both }))
    await stage.settle()
    equal(started(asked), 2)
    await releaseAll(asked)
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    equal(started(asked), 3)
    await releaseAll(asked)
    await stage.timePasses(700)
    equal(started(asked), 3)
  })

  test('a request takes as much of a window as it weighs', async (stage) => {
    const asked = [2, 1, 1].map((weight) => stage.ask({ limits, weight }))
    await stage.settle()
    equal(started(asked), 2)
  })

  test('keys do not limit each other', async (stage) => {
    const asked = many(8, (index) => stage.ask({ limits, key: `vendor-${index % 2}` }))
    await stage.settle()
    equal(started(asked), 6)
  })
}

function testSpacing(test: DeclareCase): void {
  test('starts keep their spacing', async (stage) => {
    const asked = many(3, () => stage.ask({ limits: { minSpacingMs: 300 } }))
    await stage.settle()
    equal(started(asked), 1)
    await stage.timePasses(290)
    equal(started(asked), 1)
    await stage.timePasses(10 + (stage.toleranceMs ?? 0))
    equal(started(asked), 2)
  })

  test('as many run at once as concurrency says, and a release lets the next one start', async (stage) => {
    const asked = many(5, (index) =>
      stage.ask({ limits: { concurrency: 2 } }, index % 2 ? stage.other : stage.limiter),
    )
    await stage.settle()
    equal(started(asked), 2)
    await asked.find(({ permit }) => permit)?.permit?.release()
    await stage.timePasses(stage.toleranceMs ?? 0)
    equal(started(asked), 3)
  })

  test('more calls of release do nothing', async (stage) => {
    const asked = many(4, () => stage.ask({ limits: { concurrency: 2 } }))
    await stage.settle()
    const first = asked.find(({ permit }) => permit)
    await first?.permit?.release()
    await first?.permit?.release()
    await stage.timePasses(stage.toleranceMs ?? 0)
    equal(started(asked), 3)
  })

  test('a permit held longer than holdMs counts as released', async (stage) => {
    const limits = { concurrency: 1 }
    const [, second] = many(2, () => stage.ask({ limits, holdMs: 1_000 }))
    await stage.timePasses(900)
    equal(second?.permit, undefined)
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    ok(second?.permit)
  })

  test('waitedMs says how long the start was waited for', async (stage) => {
    const asked = many(2, () => stage.ask({ limits: { minSpacingMs: 300 } }))
    await stage.timePasses(301 + (stage.toleranceMs ?? 0))
    const waited = asked.map(({ permit }) => permit?.waitedMs ?? Number.NaN)
    equal(waited[0], 0)
    ok((waited[1] ?? 0) >= 300 && (waited[1] ?? 0) <= 301 + (stage.toleranceMs ?? 0))
  })
}

function testOrder(test: DeclareCase): void {
  test('requests of a key start in the order they were made, and a heavy one is not overtaken', async (stage) => {
    const limits = { windows: [{ limit: 4, perMs: 1_000 }] }
    const order: number[] = []
    const asked: Asked[] = []
    for (const [index, weight] of [3, 4, 1, 1].entries()) {
      const one = stage.ask({ limits, weight })
      void one.settled.then(() => order.push(index))
      asked.push(one)
      await stage.settle()
    }
    deepEqual(order, [0])
    for (let tick = 0; tick < 30; tick++) {
      await releaseAll(asked)
      await stage.timePasses(100)
    }
    deepEqual(order, [0, 1, 2, 3])
  })
}

function testRefusals(test: DeclareCase): void {
  const limits = { windows: [{ limit: 1, perMs: 10_000 }] }

  test('RATE_LIMITED with retryAfterMs where the wait is known to be longer than maxWaitMs', async (stage) => {
    const first = stage.ask({ limits })
    await first.settled
    await first.permit?.release()
    const late = stage.ask({ limits, maxWaitMs: 1_000 })
    await late.settled
    ok(isSyncError(late.error, 'RATE_LIMITED'))
    const { retryAfterMs = 0 } = late.error
    ok(retryAfterMs > 9_000 && retryAfterMs <= 10_001)
  })

  test('RATE_LIMITED after maxWaitMs where nobody could know', async (stage) => {
    await stage.ask({ limits: { concurrency: 1 } }).settled
    const late = stage.ask({ limits: { concurrency: 1 }, maxWaitMs: 1_000 })
    await stage.timePasses(900)
    equal(late.error, undefined)
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    await late.settled
    ok(isSyncError(late.error, 'RATE_LIMITED'))
  })

  test('a request that was refused or aborted takes no place', async (stage) => {
    const spacing = { windows: [{ limit: 2, perMs: 10_000 }], concurrency: 1 }
    const first = stage.ask({ limits: spacing })
    await first.settled
    const ending = new AbortController()
    const aborted = stage.ask({ limits: spacing, signal: ending.signal })
    const refused = stage.ask({ limits: spacing, maxWaitMs: 100 })
    await stage.timePasses(101 + (stage.toleranceMs ?? 0))
    const reason = new Error('enough')
    ending.abort(reason)
    await Promise.all([aborted.settled, refused.settled])
    equal(aborted.error, reason)
    ok(isSyncError(refused.error, 'RATE_LIMITED'))
    const last = stage.ask({ limits: spacing })
    await first.permit?.release()
    await stage.timePasses(stage.toleranceMs ?? 0)
    ok(last.permit)
  })

  test('a signal that is aborted already is refused at once', async (stage) => {
    const reason = new Error('too late')
    const asked = stage.ask({ signal: AbortSignal.abort(reason) })
    await asked.settled
    equal(asked.error, reason)
  })

  test('OPTIONS_INVALID for what never fits and for limits that are none', async (stage) => {
    const wrong: Partial<PermitRequest>[] = [
      { limits, weight: 2 },
      { weight: 0 },
      { limits: { windows: [{ limit: 0, perMs: 1_000 }] } },
      { limits: { windows: [{ limit: 1, perMs: 0.5 }] } },
      { limits: { concurrency: Number.NaN } },
      { limits: { minSpacingMs: -1 } },
    ]
    for (const request of wrong) {
      const asked = stage.ask(request)
      await asked.settled
      ok(isSyncError(asked.error, 'OPTIONS_INVALID'), JSON.stringify(request))
    }
  })
}
