import Table from 'cli-table3'
import type { Environment } from '../environment.ts'
import { formatSize } from '../format.ts'
import type { Figures, ResultRow } from './result-row.ts'

const heads = [
  'scenario',
  'size',
  'way',
  'median',
  'min..max',
  'x as fast',
  'min..max',
  'Node s',
  'PG s',
  'WAL B',
  'MB',
]

/** Every way of every scenario: the library first, then its yardsticks and how many times as fast the library is. */
export function resultTable(rows: readonly ResultRow[]): string {
  const table = new Table({ head: heads, style: { head: [], border: [], compact: true } })
  for (const row of rows) {
    const { scenario, records, unit, ratio_to, ratio_range, yardsticks } = row
    table.push([scenario, formatSize(records), 'Syncline', ...spread(row, unit), '', '', ...costs(row)])
    for (const [name, figures] of Object.entries(yardsticks)) {
      const [low = '', high = ''] = ratio_range[name] ?? []
      const ratios = [`${ratio_to[name] ?? ''}`, `${low}..${high}`]
      table.push(['', '', name, ...spread(figures, unit), ...ratios, ...costs(figures)])
    }
  }
  return table.toString()
}

const spread = (figures: Figures, unit: ResultRow['unit']): string[] =>
  unit === 'ms'
    ? [`${text(figures.median_ms)} ms`, `${text(figures.min_ms)}..${text(figures.max_ms)}`]
    : [`${text(figures.median_per_s)}/s`, `${text(figures.min_per_s)}..${text(figures.max_per_s)}`]

const costs = (figures: Figures): string[] =>
  [figures.node_cpu_s, figures.pg_cpu_s, figures.wal_bytes_per_record, figures.rss_peak_mb].map(text)

const text = (value: number | null): string => (value === null ? '' : value.toLocaleString('en-US'))

/** What the figures were measured on. */
export function footer({ server, server_settings, copy_client, checkpoints }: Environment): string {
  const facts = [`PostgreSQL ${server_settings.server_version} (${server})`, `COPY by ${copy_client}`]
  if (!checkpoints) facts.push('no CHECKPOINT before writes: the user may not')
  return facts.join(' · ')
}
