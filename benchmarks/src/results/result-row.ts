import { median } from './statistics.ts'

/** One measured run of one way. What cannot be seen on this system or does not apply is absent. */
export interface Measurement {
  /** Records, or whatever else the scenario counts. */
  readonly records: number
  readonly ms: number
  readonly nodeCpuS?: number | undefined
  readonly pgCpuS?: number | undefined
  readonly walBytes?: number | undefined
  readonly rssPeakMb?: number | undefined
}

/** Medians of all rounds of one way. Rates in records a second, CPU in seconds of one run. */
export interface Figures {
  readonly median_per_s: number
  readonly min_per_s: number
  readonly max_per_s: number
  readonly median_ms: number
  readonly min_ms: number
  readonly max_ms: number
  readonly node_cpu_s: number | null
  readonly pg_cpu_s: number | null
  readonly wal_bytes_per_record: number | null
  readonly rss_peak_mb: number | null
}

/** One line of `latest.json`: the library in one scenario at one size, beside its yardsticks of the same run. */
export interface ResultRow extends Figures {
  readonly scenario: string
  readonly records: number
  readonly rounds: number
  /** What this scenario is read in: records a second, or milliseconds. */
  readonly unit: 'per_s' | 'ms'
  /** Median of the ratios of each round: above 1 the library was faster. */
  readonly ratio_to: Readonly<Record<string, number>>
  /** Lowest and highest of those. */
  readonly ratio_range: Readonly<Record<string, readonly [number, number]>>
  readonly yardsticks: Readonly<Record<string, Figures>>
  /** Figures only this scenario has; the name says the unit. */
  readonly extra?: Readonly<Record<string, number>>
}

/** Measurements by way, one a round, the library's under `ours`. */
export interface Rounds {
  readonly ours: readonly Measurement[]
  readonly yardsticks: Readonly<Record<string, readonly Measurement[]>>
}

export function resultRow(
  about: Pick<ResultRow, 'scenario' | 'records' | 'extra'> & Partial<Pick<ResultRow, 'unit'>>,
  { ours, yardsticks }: Rounds,
): ResultRow {
  const ratios = Object.entries(yardsticks).map(
    ([name, theirs]) => [name, pairedRatios(ours, theirs)] as const,
  )
  return {
    ...about,
    unit: about.unit ?? 'per_s',
    rounds: ours.length,
    ...figures(ours),
    ratio_to: Object.fromEntries(ratios.map(([name, values]) => [name, significant(median(values))])),
    ratio_range: Object.fromEntries(
      ratios.map(([name, values]) => [
        name,
        [significant(Math.min(...values)), significant(Math.max(...values))],
      ]),
    ),
    yardsticks: Object.fromEntries(
      Object.entries(yardsticks).map(([name, theirs]) => [name, figures(theirs)]),
    ),
  }
}

const rate = ({ records, ms }: Measurement): number => (records / ms) * 1_000

const pairedRatios = (ours: readonly Measurement[], theirs: readonly Measurement[]): number[] =>
  ours.flatMap((own, place) => {
    const other = theirs[place]
    return other === undefined ? [] : [rate(own) / rate(other)]
  })

function figures(runs: readonly Measurement[]): Figures {
  const rates = runs.map(rate)
  const times = runs.map(({ ms }) => ms)
  const of = (field: (run: Measurement) => number | undefined): number | null => {
    const known = runs.flatMap((run) => field(run) ?? [])
    return known.length === 0 ? null : significant(median(known))
  }
  return {
    median_per_s: significant(median(rates)),
    min_per_s: significant(Math.min(...rates)),
    max_per_s: significant(Math.max(...rates)),
    median_ms: significant(median(times)),
    min_ms: significant(Math.min(...times)),
    max_ms: significant(Math.max(...times)),
    node_cpu_s: of(({ nodeCpuS }) => nodeCpuS),
    pg_cpu_s: of(({ pgCpuS }) => pgCpuS),
    wal_bytes_per_record: of(({ walBytes, records }) => walBytes && walBytes / records),
    rss_peak_mb: of(({ rssPeakMb }) => rssPeakMb),
  }
}

/** Three significant digits say what a measurement can; whole numbers keep theirs. */
export const significant = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
