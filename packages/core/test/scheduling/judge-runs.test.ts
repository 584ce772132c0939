import { describe, expect, test } from 'vitest'
import type { EndedRun } from '../../src/model/schedule.ts'
import { judgeRuns, runsToJudge } from '../../src/scheduling/judge-runs.ts'

const delays = [300_000, 3_600_000]
const at = new Date('2026-01-01T00:00:00.000Z')
const later = (ms: number) => ({ kind: 'retry', at: new Date(at.getTime() + ms) })

const ended = (status: EndedRun['status'], code?: string, details?: { retryAfterMs: number }): EndedRun => ({
  runId: `run-${status}`,
  status,
  finishedAt: at,
  ...(code && { error: { code, message: code, ...(details && { details }) } }),
})
const failed = ended('error', 'UPSTREAM_UNAVAILABLE')
const good = ended('success')

describe('judgeRuns', () => {
  test.each([
    ['no run', []],
    ['a success', [good, failed, failed]],
    ['a guarded run, which waits for a person', [ended('guarded', 'REMOVAL_GUARDED')]],
    ['a cancelled run, which somebody wanted', [ended('cancelled', 'RUN_CANCELLED')]],
    ['a run that reached its own limit', [ended('partial', 'RUN_LIMIT_REACHED')]],
    ['an abandoned run, which its successor goes on from', [ended('error', 'RUN_ABANDONED')]],
  ])('%s asks for nothing', (_, runs) => {
    expect(judgeRuns(runs, delays)).toEqual({ kind: 'fine' })
  })

  test('after the first failure comes the first delay, after the second in a row the next', () => {
    expect(judgeRuns([failed, good, failed], delays)).toEqual(later(300_000))
    expect(judgeRuns([ended('timeout', 'RUN_TIMEOUT'), failed, good], delays)).toEqual(later(3_600_000))
  })

  test('after the last delay comes an alert, and with every failure after it', () => {
    expect(judgeRuns([failed, failed, failed], delays)).toEqual({ kind: 'alert', failures: 3, run: failed })
    expect(judgeRuns([failed], [])).toMatchObject({ kind: 'alert', failures: 1 })
  })

  test('runs that stopped on purpose or were abandoned neither count nor break the row', () => {
    const between = [ended('partial', 'STOPPED'), ended('error', 'RUN_ABANDONED')]
    expect(judgeRuns([failed, ...between, failed], delays)).toEqual(later(3_600_000))
  })

  test('three runs in a row that reached a limit are an alert, fewer are not', () => {
    const cut = ended('partial', 'RUN_LIMIT_REACHED')
    const between = [ended('partial', 'STOPPED'), ended('error', 'RUN_ABANDONED')]
    expect(judgeRuns([cut, ...between, cut, cut], delays)).toEqual({ kind: 'alert', failures: 3, run: cut })
    expect(judgeRuns([cut, cut, good, cut], delays)).toEqual({ kind: 'fine' })
    expect(runsToJudge([])).toBe(3)
  })

  test('what a person has to mend is not tried again', () => {
    const broken = ended('error', 'CREDENTIAL_REAUTH_REQUIRED')
    expect(judgeRuns([broken], delays)).toMatchObject({ kind: 'alert', failures: 1 })
  })

  test('a run that stopped with its process goes on at once', () => {
    expect(judgeRuns([ended('partial', 'STOPPED')], delays)).toEqual(later(0))
  })

  test('after a rate limit it goes on as late as upstream wished, a minute at least', () => {
    expect(judgeRuns([ended('partial', 'RATE_LIMITED', { retryAfterMs: 900_000 })], delays)).toEqual(
      later(900_000),
    )
    expect(judgeRuns([ended('partial', 'RATE_LIMITED')], delays)).toEqual(later(60_000))
    const endless = ended('partial', 'RATE_LIMITED', { retryAfterMs: Number.MAX_SAFE_INTEGER })
    expect(judgeRuns([endless], delays)).toEqual(later(366 * 86_400_000))
  })
})
