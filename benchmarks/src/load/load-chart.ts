import { median } from '../results/statistics.ts'
import type { Load, LoadRun } from './run-load.ts'

const width = 760
const left = 150
const right = 740
const top = 78
const rowHeight = 6
const groupGap = 22

/** Colours that read on white and on a dark page; the page's own scheme picks. */
const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px }
  .grid { stroke: #d1d9e0 }
  .wait { fill: #afb8c1 } .large { fill: #0969da } .small { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .wait { fill: #656c76 } .large { fill: #4493f8 } .small { fill: #3fb950 }
  }`

/** The runs of one group of tenants, in the order they came due. */
interface Group {
  readonly name: string
  readonly style: 'large' | 'small'
  readonly runs: readonly LoadRun[]
}

/** How long runs waited for their turn, in milliseconds. */
export interface Waits {
  readonly median: number
  readonly longest: number
}

export function waitsOf(runs: readonly LoadRun[]): Waits {
  const waits = runs.map(({ dueAt, startedAt }) => startedAt - dueAt)
  return { median: median(waits), longest: Math.max(...waits) }
}

/** The runs of the tenant with most connectors, and those of all others. */
export function groupsOf({ tenants }: Load, runs: readonly LoadRun[]): readonly [large: Group, small: Group] {
  const [first, ...others] = Object.entries(tenants).toSorted(([, one], [, other]) => other - one)
  const [largest, connectors] = first ?? ['', 0]
  const inOrder = runs.toSorted((one, other) => one.dueAt - other.dueAt)
  return [
    {
      name: `1 tenant, ${connectors} connectors`,
      style: 'large',
      runs: inOrder.filter(({ tenantId }) => tenantId === largest),
    },
    {
      name: `${others.length} tenants, 1 each`,
      style: 'small',
      runs: inOrder.filter(({ tenantId }) => tenantId !== largest),
    },
  ]
}

/** An SVG with a line for every run: when it was due, when it began, when it ended. */
export function loadChart(load: Load, runs: readonly LoadRun[]): string {
  const [large, small] = groupsOf(load, runs)
  const last = Math.max(...runs.map(({ finishedAt }) => finishedAt))
  const across = (ms: number): number => Math.round(left + (ms / last) * (right - left))
  let y = top
  const drawn = [small, large].map((group) => {
    const first = y
    y += group.runs.length * rowHeight + groupGap
    return drawGroup(group, { y: first, across })
  })
  const bottom = y - groupGap / 2
  const { processes, runsAtOnce, takesMs } = load
  const heading = `${runs.length} scopes due at the same minute, ${processes} worker processes`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 60}" width="${width}" height="${bottom + 60}" role="img" aria-labelledby="load-title">
<title id="load-title">${heading}</title>
<style>${style}</style>
<text class="title" x="0" y="18">${heading}</text>
<text class="quiet" x="0" y="38">Each line is a run: grey while it waits for its turn from the moment its stagger ends, coloured while it runs.</text>
<text class="quiet" x="0" y="56">${seconds(takesMs)} a run, ${runsAtOnce} at once in a process, tenant limit lifted: every slot is wanted by the large tenant.</text>
${grid(last, { across, bottom })}
${drawn.join('\n')}
</svg>
`
}

function drawGroup(
  group: Group,
  place: { readonly y: number; readonly across: (ms: number) => number },
): string {
  const { y, across } = place
  const waits = waitsOf(group.runs)
  const label = [
    group.name,
    `waited ${seconds(waits.median)} (median)`,
    `at most ${seconds(waits.longest)}`,
  ].map(
    (line, row) => `<text class="${row === 0 ? '' : 'quiet'}" x="0" y="${y + 12 + row * 16}">${line}</text>`,
  )
  const lines = group.runs.flatMap(({ dueAt, startedAt, finishedAt }, row) => [
    bar('wait', { y: y + row * rowHeight, from: across(dueAt), to: across(startedAt) }),
    bar(group.style, { y: y + row * rowHeight, from: across(startedAt), to: across(finishedAt) }),
  ])
  return [...label, ...lines].join('\n')
}

const bar = (
  name: string,
  { y, from, to }: { readonly y: number; readonly from: number; readonly to: number },
): string =>
  `<rect class="${name}" x="${from}" y="${y}" width="${Math.max(1, to - from)}" height="${rowHeight - 2}"/>`

function grid(
  last: number,
  { across, bottom }: { readonly across: (ms: number) => number; readonly bottom: number },
): string {
  const step = last > 30_000 ? 10_000 : last > 10_000 ? 5_000 : 1_000
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, place) => {
    const x = across(place * step)
    return `<path class="grid" d="M${x} ${top - 6}V${bottom}"/><text class="quiet" x="${x}" y="${bottom + 16}" text-anchor="middle">${(place * step) / 1_000} s</text>`
  }).join('\n')
}

const seconds = (ms: number): string => `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
