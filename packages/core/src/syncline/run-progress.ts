import type { Run } from '../model/run.ts'

/** How far a run is, for a person. */
export interface RunProgress {
  /** Records received so far. */
  readonly current: number
  /** Upstream's estimate of all records; never less than `current`. Absent while nobody knows. */
  readonly total?: number | undefined
  readonly message: string
}

/** How far a run is, from what the store says of it: any process can tell, also of another's run. */
export function runProgress(run: Run): RunProgress {
  const current = run.stats.totalUpstreamRecords
  const ended = run.finishedAt !== undefined
  const estimate = run.totalEstimate === undefined ? undefined : Math.max(run.totalEstimate, current)
  const total = ended && run.complete ? current : estimate
  return { current, ...(total !== undefined && { total }), message: messageOf(run) }
}

function messageOf(run: Run): string {
  const { status, error, checkpoint, stats, cancelRequested } = run
  if (status === 'queued') return 'Waits for a worker'
  if (status !== 'running') return error ? `Ended as ${status}: ${error.message}` : `Ended as ${status}`
  if (cancelRequested) return 'Stopping'
  if (checkpoint.phase === 'sweeping') return 'Marks what was not listed as stale'
  return `Lists ${run.resourceType}: ${stats.pagesProcessed} ${stats.pagesProcessed === 1 ? 'page' : 'pages'} so far`
}
