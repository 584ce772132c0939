import { count, formatSize } from '../format.ts'
import type { KeptRow } from './kept-row.ts'
import type { Figures, ResultRow } from './result-row.ts'

/** The scenarios the chart shows, at the largest size all of them were measured at, but no more than this. */
const shown = ['first load', 'unchanged', 'mixed', 'changed 10 %']
const mostRecords = 100_000

const width = 760
const left = 130
const barsEnd = 540
const barHeight = 16
const barStep = 20
const groupGap = 18
const top = 58

/** Colours that read on white and on a dark page; the page's own scheme picks. */
const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px }
  .whisker { stroke: #59636e }
  .way-0 { fill: #1a7f37 } .way-1 { fill: #bf8700 } .way-2 { fill: #8c959f } .way-3 { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .whisker { stroke: #9198a1 }
    .way-0 { fill: #3fb950 } .way-1 { fill: #d29922 } .way-2 { fill: #656c76 } .way-3 { fill: #4493f8 }
  }`

interface Bar {
  readonly way: string
  readonly figures: Figures
  readonly ratio?: number | undefined
}

/** An SVG of records a second: one group of bars for every full sync scenario. */
export function chart(rows: readonly KeptRow[]): string {
  const size = sizeShown(rows)
  const groups = shown.flatMap((scenario) => {
    const row = rows.find((one) => one.scenario === scenario && one.records === size)
    return row === undefined ? [] : [{ scenario, row, bars: barsOf(row) }]
  })
  const ways = [...new Set(groups.flatMap(({ bars }) => bars.map(({ way }) => way)))]
  const fastest = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ figures }) => figures.max_per_s)))
  let y = top
  const drawn = groups.map(({ scenario, bars }) => {
    const first = y
    y += bars.length * barStep + groupGap
    const label = `<text x="${left - 10}" y="${first + 13}" text-anchor="end">${escape(scenario)}</text>`
    return [
      label,
      ...bars.map((bar, place) => drawBar(bar, { ways, fastest, y: first + place * barStep })),
    ].join('\n')
  })
  const height = y + 40
  const heading = `${formatSize(size)} records of 400 bytes, records per second; more is better`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="chart-title">
<title id="chart-title">${escape(heading)}</title>
<style>${style}</style>
<text class="title" x="0" y="18">${escape(heading)}</text>
${legend(ways)}
${drawn.join('\n')}
${footnotes(groups[0]?.row)
  .map((line, place) => `<text class="quiet" x="0" y="${y + 12 + place * 18}">${escape(line)}</text>`)
  .join('\n')}
</svg>
`
}

function sizeShown(rows: readonly KeptRow[]): number {
  const sizes = new Set(rows.filter(({ scenario }) => shown.includes(scenario)).map(({ records }) => records))
  return Math.max(0, ...[...sizes].filter((size) => size <= mostRecords))
}

const barsOf = (row: ResultRow): Bar[] => [
  { way: 'Syncline', figures: row },
  ...Object.entries(row.yardsticks)
    .map(([way, figures]) => ({ way, figures, ratio: row.ratio_to[way] }))
    // COPY, the ceiling, below what people write.
    .toSorted((one, other) => Number(one.way === 'COPY') - Number(other.way === 'COPY')),
]

function drawBar(
  { way, figures, ratio }: Bar,
  place: { readonly ways: readonly string[]; readonly fastest: number; readonly y: number },
): string {
  const across = (perSecond: number): number =>
    Math.round(left + (perSecond / place.fastest) * (barsEnd - left))
  const { median_per_s, min_per_s, max_per_s } = figures
  const middle = place.y + barHeight / 2
  const beside =
    ratio === undefined ? '' : `<tspan class="quiet" dx="8">Syncline ${ratio.toFixed(2)}×</tspan>`
  return [
    `<rect class="way-${place.ways.indexOf(way)}" x="${left}" y="${place.y}" width="${Math.max(1, across(median_per_s) - left)}" height="${barHeight}" rx="2"><title>${escape(way)}</title></rect>`,
    `<path class="whisker" d="M${across(min_per_s)} ${middle}H${across(max_per_s)}"/>`,
    `<text x="${across(max_per_s) + 6}" y="${place.y + 13}">${count(median_per_s)}${beside}</text>`,
  ].join('')
}

function legend(ways: readonly string[]): string {
  return ways
    .map((way, place) => {
      const x = left + place * 140
      return `<rect class="way-${place}" x="${x}" y="30" width="12" height="12" rx="2"/><text class="quiet" x="${x + 18}" y="40">${escape(way)}</text>`
    })
    .join('\n')
}

function footnotes(row: KeptRow | undefined): string[] {
  if (row === undefined) return ['Not measured yet']
  const { rounds, environment } = row
  const { server_settings, cores, copy_client } = environment
  const postgres = `PostgreSQL ${server_settings.server_version?.split(' ')[0]} with fsync ${server_settings.fsync}`
  return [
    `Median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in one run, lowest to highest as a line · ${postgres} · ${cores} cores`,
    `COPY: ${copy_client}, ready rows into the same table; it hashes and compares nothing`,
  ]
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
