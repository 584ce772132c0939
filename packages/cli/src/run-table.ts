import type { Run, SyncStats } from '@syncline/core'
import { count, counted, duration } from './number-format.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

const counters = [
  'added',
  'updated',
  'unchanged',
  'restored',
  'staled',
  'removed',
  'excluded',
  'quarantined',
] as const satisfies readonly (keyof SyncStats)[]

const statusColours: Record<Run['status'], 'green' | 'yellow' | 'red' | 'cyan'> = {
  success: 'green',
  partial: 'yellow',
  cancelled: 'yellow',
  guarded: 'yellow',
  error: 'red',
  timeout: 'red',
  queued: 'cyan',
  running: 'cyan',
}

/** Renders runs, with their ids where an operator may need them for another command. */
export function runTable(
  terminal: Terminal,
  runs: readonly Run[],
  { ids = true }: { readonly ids?: boolean } = {},
): string {
  const head = ['connector', 'type', 'status', ids ? 'records, run' : 'records', 'took']
  const rows = runs.map((run) => [
    run.connectorId,
    run.resourceType,
    terminal.style(statusColours[run.status], run.status),
    [recordsOf(run), ...(ids ? [run.runId] : [])].join('\n'),
    duration(run.stats.durationMs),
  ])
  return table(head, rows, terminal)
}

/** `full: 100 added, 3 staled · 2 pages` */
function recordsOf({ mode, stats }: Run): string {
  const changed = counters.flatMap((counter) =>
    stats[counter] === 0 ? [] : [`${count(stats[counter])} ${counter}`],
  )
  const records = changed.length === 0 ? 'no records' : changed.join(', ')
  return `${mode}: ${records} · ${counted(stats.pagesProcessed, 'page')}`
}

/** What an operator can do about a run that did not simply succeed. */
export function advice(run: Run): readonly string[] {
  const lines = run.error ? [`${run.resourceType}  ${run.error.code}: ${printable(run.error.message)}`] : []
  if (run.status === 'guarded' && !run.approvedAt) {
    return [
      ...lines,
      '  approve exactly these removals:',
      `  syncline runs approve ${run.runId} --by YOUR_NAME`,
    ]
  }
  return run.resumable ? [...lines, '  the next sync continues from its checkpoint'] : lines
}
