import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatSize } from '../src/format.ts'
import { parseOptions } from '../src/options.ts'
import { chart } from '../src/results/chart.ts'
import { docsTables } from '../src/results/docs-tables.ts'
import { mergeResults, readResults } from '../src/results/keep-results.ts'
import type { KeptRow } from '../src/results/kept-row.ts'
import { type Measurement, resultRow } from '../src/results/result-row.ts'
import { median, quantile, rotated } from '../src/results/statistics.ts'
import { withTables } from '../src/results/write-docs.ts'
import { directoryRecord } from '../src/upstream/directory-record.ts'
import { expectedContent, expectedCounts } from '../src/upstream/expected.ts'
import { listedIn, pagesOf, type UpstreamState } from '../src/upstream/upstream-state.ts'

describe('figures', () => {
  test('a ratio is the median of the ratios within each round', () => {
    const took = (...times: number[]): Measurement[] => times.map((ms) => ({ records: 1_000, ms }))
    // The machine was four times slower in the last two rounds.
    const rounds = { ours: took(100, 400, 400), yardsticks: { other: took(200, 200, 800) } }
    const row = resultRow({ scenario: 'any', records: 1_000 }, rounds)
    expect(row.ratio_to).toEqual({ other: 2 })
    expect(row.ratio_range).toEqual({ other: [0.5, 2] })
    expect([row.median_per_s, row.min_per_s, row.max_per_s]).toEqual([2_500, 2_500, 10_000])
  })

  test('quantiles are interpolated', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8)
  })

  test('every way comes first in its turn', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ])
  })
})

describe('upstream', () => {
  const start: UpstreamState = { records: 10_000, steps: [] }
  const mixed: UpstreamState = { ...start, steps: ['mixed'] }
  const changed: UpstreamState = { ...start, steps: ['mixed', 'tenth-changed'] }

  test('mixed is 1 % changed, 0.1 % new and 0.1 % gone', () => {
    expect(expectedCounts(start, mixed)).toEqual({
      added: 10,
      updated: 100,
      unchanged: 9_890,
      restored: 0,
      staled: 10,
    })
  })

  test('a tenth changed is every tenth of those listed', () => {
    const { updated, unchanged } = expectedCounts(mixed, changed)
    expect(updated).toBe(1_001)
    expect(updated + unchanged).toBe(listedIn(changed))
  })

  test('what is gone stays as stale rows', () => {
    const content = expectedContent([start, mixed, changed])
    expect(content['ACTIVE stale']).toBe(10)
    expect(Object.values(content).reduce((sum, rows) => sum + rows, 0)).toBe(10_010)
  })

  test('pages hold each listed record once', () => {
    const ids = [...pagesOf(changed, 1_000)].flat().map(({ externalId }) => externalId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(listedIn(changed))
  })

  test('a record is about 406 bytes of JSON', () => {
    const bytes = Array.from({ length: 1_000 }, (_, number) =>
      Buffer.byteLength(JSON.stringify(directoryRecord(number, 0))),
    )
    expect(Math.abs(median(bytes) - 406)).toBeLessThan(8)
  })
})

describe('command line', () => {
  test('sizes are numbers with k or m', () => {
    expect(parseOptions(['--records', '500,10k,1m']).records).toEqual([500, 10_000, 1_000_000])
    expect([500, 10_000, 1_000_000, 12_300].map(formatSize)).toEqual(['500', '10k', '1m', '12.3k'])
    expect(() => parseOptions(['--records', 'many'])).toThrow('"many" is not a size')
  })

  test('--only matches from the start of a name', () => {
    const { only } = parseOptions(['--only', 'first|unchanged'])
    expect(
      ['first load', 'unchanged', 'PGlite: first load', 'read: first page'].map((name) => only.test(name)),
    ).toEqual([true, true, false, false])
  })
})

describe('the kept results', () => {
  const row = (scenario: string, records: number, ms: number): KeptRow => {
    const rounds = { ours: [{ records, ms }], yardsticks: { COPY: [{ records, ms: 1_000 }] } }
    const environment = {
      measured_on: '2026-11-21',
      code: 'abc1234',
      node: 'v24',
      platform: 'linux x64',
      cores: 2,
      cpu: 'any',
      server: 'private',
      server_settings: { server_version: '18.4', fsync: 'on' },
      checkpoints: true,
      copy_client: 'psql',
    } as const
    return { ...resultRow({ scenario, records }, rounds), environment }
  }

  test('a run of some scenarios replaces their rows only', () => {
    const kept = [row('first load', 10_000, 1), row('unchanged', 10_000, 2), row('no more', 10_000, 3)]
    const measured = [row('unchanged', 10_000, 4), row('first load', 1_000, 5)]
    const merged = mergeResults(kept, measured)
    expect(merged.map(({ scenario, records, median_ms }) => [scenario, records, median_ms])).toEqual([
      ['first load', 1_000, 5],
      ['first load', 10_000, 1],
      ['unchanged', 10_000, 4],
    ])
  })

  test('a missed target says no', () => {
    const tables = docsTables([row('first load', 100_000, 1_334), row('unchanged', 100_000, 1_000)])
    expect(tables).toContain('| first load | 100k | at least 0.65 × COPY | 0.75 | yes |')
    expect(tables).toContain('| unchanged | 100k | at least 1 × COPY | 1 | yes |')
    expect(docsTables([row('first load', 100_000, 1_600)])).toContain('| 0.625 | **no** |')
  })

  test('the tables of docs/benchmarks.md are theirs', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/benchmarks.md'), 'utf8')
    expect(withTables(page)).toBe(page)
  })

  test('the chart is theirs', () => {
    const drawn = readFileSync(join(import.meta.dirname, '../results/latest.svg'), 'utf8')
    expect(chart(readResults())).toBe(drawn)
  })
})
