import { setTimeout as sleep } from 'node:timers/promises'
import { type Run, runProgress, type Syncline } from '@syncline/core'
import { count } from './number-format.ts'
import { printable } from './printable.ts'
import { runTable } from './run-table.ts'
import type { Terminal } from './terminal.ts'

export interface WatchRequest {
  readonly connectorId: string | undefined
  readonly limit: number
  readonly json: boolean
  readonly signal: AbortSignal
}

const everyMs = 1_000

/** Shows the latest runs, and what they come to, until the signal aborts. */
export async function watchRuns(
  terminal: Terminal,
  { runs }: Pick<Syncline, 'runs'>,
  { connectorId, limit, json, signal }: WatchRequest,
): Promise<void> {
  const shown = new Map<string, string>()
  while (!signal.aborted) {
    const list = await runs.list({ connectorId, limit })
    if (terminal.isWatched && !json) terminal.live(watchedTable(terminal, list))
    else {
      for (const run of list.toReversed()) {
        const line = runLine(run)
        if (shown.get(run.runId) !== line) terminal.print(json ? JSON.stringify(run) : line)
        shown.set(run.runId, line)
      }
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
  terminal.settle()
}

function watchedTable(terminal: Terminal, list: readonly Run[]): string {
  if (list.length === 0) return 'There are no runs yet'
  const going = list.filter(({ finishedAt }) => !finishedAt).map(runLine)
  return [runTable(terminal, list), ...going].join('\n')
}

/** `acme user  running  1,500 of 20,000  Lists user: 3 pages so far  0198…` */
export function runLine(run: Run): string {
  const { current, total, message } = runProgress(run)
  const far = total === undefined ? count(current) : `${count(current)} of ${count(total)}`
  return `${run.connectorId} ${run.resourceType}  ${run.status}  ${far}  ${printable(message)}  ${run.runId}`
}
