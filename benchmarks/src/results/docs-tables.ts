import { count, formatSize } from '../format.ts'
import type { KeptRow } from './kept-row.ts'
import type { ResultRow } from './result-row.ts'
import { isMet, targets } from './targets.ts'

/** The generated part of docs/benchmarks.md, as Markdown. */
export function docsTables(rows: readonly KeptRow[]): string {
  return [
    '### Targets',
    markdownTable(['scenario', 'size', 'target', 'measured', 'met'], targetLines(rows)),
    '### Records per second',
    markdownTable(
      [
        'scenario',
        'size',
        'records/s',
        'lowest to highest',
        'times as fast as',
        'Node CPU s',
        'PG CPU s',
        'WAL B/record',
        'peak MB',
      ],
      readIn(rows, 'per_s').map(rateLine),
    ),
    '### Milliseconds',
    markdownTable(
      ['scenario', 'size', 'ms', 'lowest to highest', 'p95', 'times as fast as'],
      readIn(rows, 'ms').map(timeLine),
    ),
    `Measured ${places(rows)}.`,
  ].join('\n\n')
}

function targetLines(rows: readonly KeptRow[]): string[][] {
  return targets.flatMap((target) =>
    target.records.flatMap((records) => {
      const row = rows.find((one) => one.scenario === target.scenario && one.records === records)
      const value = row && target.figure(row)
      if (value === undefined || value === null) return []
      return [
        [
          target.scenario,
          formatSize(records),
          target.meaning,
          `${value}`,
          isMet(target, value) ? 'yes' : '**no**',
        ],
      ]
    }),
  )
}

const readIn = (rows: readonly KeptRow[], unit: ResultRow['unit']): KeptRow[] =>
  rows.filter((row) => row.unit === unit)

const rateLine = (row: ResultRow): string[] => [
  row.scenario,
  formatSize(row.records),
  count(row.median_per_s),
  `${count(row.min_per_s)} to ${count(row.max_per_s)}`,
  ratios(row),
  figure(row.node_cpu_s),
  figure(row.pg_cpu_s),
  figure(row.wal_bytes_per_record),
  figure(row.rss_peak_mb),
]

const timeLine = (row: ResultRow): string[] => [
  row.scenario,
  formatSize(row.records),
  `${row.median_ms}`,
  `${row.min_ms} to ${row.max_ms}`,
  figure(row.extra?.p95_ms ?? null),
  ratios(row),
]

const ratios = ({ ratio_to }: ResultRow): string =>
  Object.entries(ratio_to)
    .map(([yardstick, ratio]) => `${yardstick} ${ratio}`)
    .join(' · ')

const figure = (value: number | null): string => (value === null ? '' : `${value}`)

function places(rows: readonly KeptRow[]): string {
  const lines = rows.map(
    ({ environment: { measured_on, code, node, cores, cpu, server_settings, copy_client } }) =>
      `on ${measured_on}, code ${code ?? 'unknown'}, with Node ${node} and PostgreSQL ${server_settings.server_version} on ${cores} cores (${cpu}), COPY by ${copy_client}`,
  )
  return [...new Set(lines)].join('; ')
}

const markdownTable = (heads: readonly string[], lines: readonly string[][]): string =>
  [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
