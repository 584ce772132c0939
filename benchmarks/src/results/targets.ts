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

const times = (
  scenario: string,
  yardstick: string,
  { atLeast, records = sizes }: { readonly atLeast: number; readonly records?: readonly number[] },
): Target => ({
  scenario,
  records,
  meaning: `at least ${atLeast} × ${yardstick}`,
  figure: (row) => row.ratio_to[yardstick],
  atLeast,
})

const walPerRecord = (scenario: string, atMost: number): Target => ({
  scenario,
  records: sizes,
  meaning: `at most ${atMost} bytes of WAL a record`,
  figure: (row) => row.wal_bytes_per_record,
  atMost,
})

const memoryAtMost = (scenario: string, atMost: number, records = [1_000_000]): Target => ({
  scenario,
  records,
  meaning: `at most ${atMost} MB of memory above the idle process`,
  figure: (row) => row.rss_peak_mb,
  atMost,
})

const takes = (
  scenario: string,
  { atMost, records }: { readonly atMost: number; readonly records: number },
): Target => ({
  scenario,
  records: [records],
  meaning: `at most ${atMost} ms`,
  figure: (row) => row.median_ms,
  atMost,
})

const answersWithin = (
  scenario: string,
  atMost: number,
  { records = 1_000_000, share = 95 }: { readonly records?: number; readonly share?: 95 | 99 } = {},
): Target => ({
  scenario,
  records: [records],
  meaning: `${share} of 100 within ${atMost} ms`,
  figure: (row) => row.extra?.[`p${share}_ms`],
  atMost,
})

const hundredThousand = [100_000]
const million = [1_000_000]
/** Of the HTTP API. */
const served = 300_000

/** Everything that is held against the results. */
export const targets: readonly Target[] = [
  times('first load', 'COPY', { atLeast: 0.65 }),
  times('first load', 'Kysely upsert', { atLeast: 2.7 }),
  times('unchanged', 'COPY', { atLeast: 1 }),
  times('unchanged', 'Kysely upsert', { atLeast: 4.5 }),
  walPerRecord('unchanged', 40),
  times('mixed', 'COPY', { atLeast: 0.9, records: hundredThousand }),
  times('mixed', 'COPY', { atLeast: 0.75, records: million }),
  times('mixed', 'Kysely upsert', { atLeast: 4, records: hundredThousand }),
  times('mixed', 'Kysely upsert', { atLeast: 3, records: million }),
  times('mixed', 'row by row', { atLeast: 50, records: [10_000] }),
  times('changed 10 %', 'COPY', { atLeast: 0.65, records: hundredThousand }),
  times('changed 10 %', 'Kysely upsert', { atLeast: 3, records: hundredThousand }),
  memoryAtMost('memory: first load', 120),
  memoryAtMost('memory: unchanged', 120),
  ...['never taken', 'stale', 'fresh'].map((statistics) =>
    takes(`stale marking, statistics ${statistics}`, { atMost: 1_000, records: 100_000 }),
  ),
  {
    scenario: 'hash: sanitise to hash, no database',
    records: hundredThousand,
    meaning: 'at least 150,000 records a second',
    figure: (row) => row.median_per_s,
    atLeast: 150_000,
  },
  times('post-sync: first match', 'SQL join', { atLeast: 0.3 }),
  {
    scenario: 'post-sync: first match',
    records: hundredThousand,
    meaning: 'at least 25,000 resources a second',
    figure: (row) => row.median_per_s,
    atLeast: 25_000,
  },
  times('post-sync: unchanged', 'SQL join', { atLeast: 0.6 }),
  memoryAtMost('post-sync: memory of a first match', 120, sizes),
  takes('event loop: longest block, one page of 5 MB', { atMost: 50, records: 12_300 }),
  ...[
    'first page',
    'numbered page at half',
    'numbered pages at random',
    'slice from the start',
    'slice at the end',
    'stale only',
    'by external id',
    'search rare',
    'search common',
    'search two letters',
  ].map((read) => answersWithin(`read: ${read}`, 50)),
  times('cache: hit, one at a time', 'ioredis GET', { atLeast: 0.8, records: hundredThousand }),
  times('cache: hit, 50 at a time', 'ioredis GET', { atLeast: 0.8, records: hundredThousand }),
  answersWithin('http: list', 50, { records: served }),
  answersWithin('http: search', 50, { records: served }),
  answersWithin('http: webhook at 200/s', 100, { records: served, share: 99 }),
  // At most 1.3 times as long as a bare route: the list alone, and with the same look-up before it.
  times('http: page of 20, one at a time', 'bare route', { atLeast: 0.77, records: [served] }),
  times('http: page of 20, one at a time', 'bare route with look-up', { atLeast: 0.77, records: [served] }),
]

export function isMet({ atLeast, atMost }: Target, value: number): boolean {
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
}
