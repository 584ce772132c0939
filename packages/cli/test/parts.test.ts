import type { SyncEvent } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from '../src/exit-code.ts'
import { count, duration } from '../src/number-format.ts'
import { printable } from '../src/printable.ts'
import { progressLine, showProgress } from '../src/progress-display.ts'
import { table } from '../src/run-table.ts'

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
      'user  ██████░░░░░░░░░░░░░░░░░░  25 %  5,000 of 20,000 · 10 pages · 1,000 records/s · 15.0 s left',
    )
  })

  test('does without an estimate', () => {
    expect(progressLine(progress(500), { bar: true })).toBe('user  500 records · 1 page · 1,000 records/s')
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
      style: (_, text) => text,
    })
    for (let records = 500; records <= 20_000; records += 500) show(progress(records, 20_000))
    expect(lines).toHaveLength(4)
  })
})

test('text of upstream cannot move the cursor or turn text around', () => {
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
