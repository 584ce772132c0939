import type { Run, SyncEvent } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from '../src/exit-code.ts'
import { count, duration } from '../src/number-format.ts'
import { printable } from '../src/printable.ts'
import { progressLine, showProgress } from '../src/progress-display.ts'
import { table } from '../src/table.ts'
import { runLine } from '../src/watch-runs.ts'
import { workLine } from '../src/work-log.ts'

const progress = (records: number, totalEstimate?: number) =>
  ({
    kind: 'run.progress',
    runId: 'r',
    connectorId: 'c',
    resourceType: 'user',
    at: new Date(0),
    pages: records / 500,
    records,
    totalEstimate,
    recordsPerSecond: 1_000,
    stats: {},
  }) as Extract<SyncEvent, { kind: 'run.progress' }>

describe('exit code', () => {
  test.each([
    [[], 0],
    [['success'], 0],
    [['success', 'partial'], 4],
    [['cancelled'], 4],
    [['partial', 'guarded', 'success'], 3],
    [['guarded', 'error'], 1],
    [['timeout'], 1],
  ] as const)('of %j is %i: the worst counts', (statuses, code) => {
    expect(exitCodeOf(statuses.map((status) => ({ status })))).toBe(code)
  })
})

describe('progress', () => {
  test('shows bar, share, pages, rate and what is left', () => {
    expect(progressLine(progress(5_000, 20_000), { bar: true })).toBe(
      'c user  ███░░░░░░░░░  25 %  5,000 of 20,000 · 1,000 records/s · 15.0 s left · 10 pages',
    )
  })

  test('does without an estimate', () => {
    expect(progressLine(progress(500), { bar: true })).toBe('c user  500 records · 1,000 records/s · 1 page')
  })

  test('counts one record as one', () => {
    expect(progressLine(progress(1), { bar: true })).toContain('  1 record · ')
  })

  test.each([100, 80, 60, 40, 20, 5])('fits a terminal of %i columns', (width) => {
    const line = progressLine(progress(5_000, 20_000), { bar: true, width })
    expect(line.length).toBeLessThan(width)
    if (width >= 60) expect(line).toContain('25 %  5,000 of 20,000')
  })

  test('is never over 100 %, whatever upstream estimated', () => {
    expect(progressLine(progress(3_000, 2_000), { bar: false })).toContain(' 100 %')
  })

  test('is a line for every quarter where nobody watches', () => {
    const lines: string[] = []
    const show = showProgress({
      print: () => undefined,
      remark: (line) => lines.push(line),
      live: () => undefined,
      settle: () => undefined,
      isWatched: false,
      width: 80,
      style: (_, text) => text,
    })
    for (let records = 500; records <= 20_000; records += 500) show(progress(records, 20_000))
    expect(lines).toHaveLength(4)
  })
})

describe('a run that is watched', () => {
  const run = (change: object): Run =>
    ({
      runId: 'r1',
      connectorId: 'acme',
      resourceType: 'user',
      status: 'running',
      stats: { totalUpstreamRecords: 1_500, pagesProcessed: 3 },
      checkpoint: { phase: 'listing' },
      ...change,
    }) as Run

  test.each([
    [{ totalEstimate: 20_000 }, 'running  1,500 of 20,000  Lists user: 3 pages so far'],
    [{}, 'running  1,500  Lists user: 3 pages so far'],
    [{ totalEstimate: 1_000 }, 'running  1,500 of 1,500  Lists user: 3 pages so far'],
    [{ checkpoint: { phase: 'sweeping' } }, 'running  1,500  Marks what was not listed as stale'],
    [{ cancelRequested: true }, 'running  1,500  Stopping'],
    [{ status: 'queued', stats: { totalUpstreamRecords: 0 } }, 'queued  0  Waits for a worker'],
    [
      { status: 'error', finishedAt: new Date(0), error: { code: 'X', message: 'gone\u001b' } },
      'error  1,500  Ended as error: gone\ufffd',
    ],
    [
      { status: 'success', finishedAt: new Date(0), complete: true, totalEstimate: 9_000 },
      'success  1,500 of 1,500  Ended as success',
    ],
  ])('%j is told as %j', (change, line) => {
    expect(runLine(run(change))).toBe(`acme user  ${line}  r1`)
  })
})

test('a log of work has a line for a beginning, an end, and what somebody should look at', () => {
  const event = { tenantId: 'default', connectorId: 'acme', resourceType: 'user', at: new Date(0) }
  const error = { code: 'UNAUTHORIZED', message: 'who?' }
  expect(workLine({ ...event, kind: 'sync.failing', failures: 3, error })).toBe(
    '1970-01-01T00:00:00.000Z  acme user  failed 3 times in a row; somebody should look: UNAUTHORIZED: who?',
  )
  expect(workLine({ ...event, kind: 'sync.failing', failures: 0, error })).toContain('was refused')
  expect(workLine(progress(500))).toBeUndefined()
})

test('text of upstream cannot move the cursor or turn text around', () => {
  for (const mark of ['\u061c', '\u200b', '\u00ad', '\u2060', '\ufeff', '\u2028', '\u{e0041}'])
    expect(printable(`a${mark}b`)).toBe('a\ufffdb')
  expect(printable('a\u001b[2Jb\nc\u202ed Łukasz 👩‍💻')).toBe('a\ufffd[2Jb\ufffdc\ufffdd Łukasz 👩‍💻')
})

test('numbers and durations are written for people', () => {
  expect([count(1_234_567), duration(950), duration(75_000)]).toEqual(['1,234,567', '0.9 s', '1 min 15 s'])
})

test('a table aligns numbers to the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', 5],
        ['bb', 1_000],
      ],
    )
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual(['name      n', 'a         5', 'bb    1,000'])
})

test('a table fits the terminal: long cells are wrapped, ids stay whole', () => {
  const id = '01a22e45-a435-742b-86b3-b2f29e3eb422'
  const lines = table(['name', 'e-mail', 'run'], [['A'.repeat(90), '漢字'.repeat(30), id]]).split('\n')
  expect(lines.every((line) => line.length <= 80)).toBe(true)
  expect(lines.filter((line) => line.includes(id))).toHaveLength(1)
  expect(lines.join('').match(/A/g)).toHaveLength(90)
})
