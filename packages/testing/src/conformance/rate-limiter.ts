import { testOrder, testRefusals, testSpacing, testWindows } from './rate-limiter-cases.ts'
import { type DeclareCase, type RateLimiterHarness, stageOf } from './rate-limiter-stage.ts'

/** The test runner's own functions and how to make a limiter: works with vitest, node:test, mocha and jest. */
export interface RateLimiterSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly createRateLimiter: () => Promise<RateLimiterHarness>
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
