import { deepEqual, equal, ok } from 'node:assert/strict'
import { isSyncError, type PermitRequest } from '@syncline/core'
import { type Asked, type DeclareCase, many, releaseAll, started } from './rate-limiter-stage.ts'

export function testWindows(test: DeclareCase): void {
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

export function testSpacing(test: DeclareCase): void {
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

export function testOrder(test: DeclareCase): void {
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

export function testRefusals(test: DeclareCase): void {
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
