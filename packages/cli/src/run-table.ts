import type { Run, SyncStats } from '@syncline/core'
import Table from 'cli-table3'
import { count, duration } from './number-format.ts'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Columns without borders; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const isNumeric = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => typeof row[column] === 'number')
  const built = new Table({
    head: [...head],
    chars: borderless,
    colAligns: head.map((_, column) => (isNumeric(column) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) built.push(row.map((cell) => (typeof cell === 'number' ? count(cell) : cell)))
  return built
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

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

/** Runs as a table, one line each; their ids, which make long lines, where somebody may need them. */
export function runTable(
  terminal: Terminal,
  runs: readonly Run[],
  { ids = true }: { readonly ids?: boolean } = {},
): string {
  const head = ['connector', 'type', 'mode', 'status', ...counters, 'pages', 'took', ...(ids ? ['run'] : [])]
  const rows = runs.map((run) => [
    run.connectorId,
    run.resourceType,
    run.mode,
    terminal.style(statusColours[run.status], run.status),
    ...counters.map((counter) => run.stats[counter]),
    run.stats.pagesProcessed,
    duration(run.stats.durationMs),
    ...(ids ? [run.runId] : []),
  ])
  return table(head, rows)
}

/** What a run that did not simply succeed wants from a person. */
export function advice(run: Run): readonly string[] {
  const lines = run.error ? [`${run.resourceType}  ${run.error.code}: ${printable(run.error.message)}`] : []
  if (run.status === 'guarded' && !run.approvedAt) {
    return [...lines, `  approve exactly these removals:  syncline runs approve ${run.runId} --by YOUR_NAME`]
  }
  return run.resumable ? [...lines, '  the next sync goes on from its checkpoint'] : lines
}
