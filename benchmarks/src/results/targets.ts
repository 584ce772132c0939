import type { ResultRow } from './result-row.ts'

/** What the library is meant to reach, in one figure of one scenario. */
export interface Target {
  readonly scenario: string
  /** Sizes it holds for. */
  readonly records: readonly number[]
  /** In words, with its bound. */
  readonly meaning: string
  readonly figure: (row: ResultRow) => number | null | undefined
  readonly atLeast?: number
  readonly atMost?: number
}

const sizes = [100_000, 1_000_000]

const times = (scenario: string, yardstick: string, atLeast: number): Target => ({
  scenario,
  records: sizes,
  meaning: `at least ${atLeast} × ${yardstick}`,
  figure: (row) => row.ratio_to[yardstick],
  atLeast,
})

const takes = (scenario: string, yardstick: string, atMost: number): Target => ({
  scenario,
  records: sizes,
  meaning: `at most ${atMost} × the time of ${yardstick}`,
  figure(row) {
    const ratio = row.ratio_to[yardstick]
    return ratio && Number((1 / ratio).toPrecision(3))
  },
  atMost,
})

const walPerRecord = (scenario: string, atMost: number): Target => ({
  scenario,
  records: sizes,
  meaning: `at most ${atMost} bytes of WAL a record`,
  figure: (row) => row.wal_bytes_per_record,
  atMost,
})

const walBeside = (scenario: string, yardstick: string, atMost: number): Target => ({
  scenario,
  records: sizes,
  meaning: `WAL at most ${atMost} × ${yardstick}`,
  figure(row) {
    const theirs = row.yardsticks[yardstick]?.wal_bytes_per_record
    return theirs && row.wal_bytes_per_record && Number((row.wal_bytes_per_record / theirs).toPrecision(3))
  },
  atMost,
})

/** Everything that is held against the results. */
export const targets: readonly Target[] = [
  times('first load', 'COPY', 0.75),
  times('first load', 'Kysely upsert', 3),
  walBeside('first load', 'COPY', 1.05),
  times('unchanged', 'COPY', 1),
  times('unchanged', 'Kysely upsert', 4.5),
  walPerRecord('unchanged', 25),
  times('mixed', 'Kysely upsert', 4),
  { ...times('mixed', 'row by row', 50), records: [10_000] },
  walPerRecord('mixed', 200),
  times('changed 10 %', 'COPY', 0.7),
  times('changed 10 %', 'Kysely upsert', 3),
  walBeside('changed 10 %', 'Kysely upsert', 0.55),
  {
    scenario: 'unchanged',
    records: [1_000_000],
    meaning: 'at most 64 MB of memory above the idle process',
    figure: (row) => row.rss_peak_mb,
    atMost: 64,
  },
  takes('stale marking, statistics stale', 'count(*)', 3),
  takes('read: slice at the end', 'slice from the start', 2),
  {
    ...times('hash: canonical JSON and SHA-256', 'sorted clone and createHash', 1.4),
    records: [100_000],
  },
]

export function isMet({ atLeast, atMost }: Target, value: number): boolean {
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
}
