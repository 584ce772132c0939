import type { SyncEvent } from '../model/event.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'

/** An event of a run without what every one carries. */
type RunNews = SyncEvent extends infer Event
  ? Event extends SyncEvent & { readonly runId: string }
    ? Omit<Event, 'runId' | 'tenantId' | 'connectorId' | 'resourceType' | 'at'>
    : never
  : never

/** Announces something about a run. */
export function announce(engine: EngineContext, execution: Pick<Execution, 'run'>, news: RunNews): void {
  const { runId, tenantId, connectorId, resourceType } = execution.run
  engine.emit({ ...news, runId, tenantId, connectorId, resourceType, at: engine.clock.now() })
}

/** Announces how far a listing is. */
export function announceProgress(engine: EngineContext, execution: Execution): void {
  const { stats, run } = execution
  const seconds = (engine.clock.now().getTime() - execution.beganAt.getTime()) / 1_000
  const received = stats.totalUpstreamRecords - run.stats.totalUpstreamRecords
  announce(engine, execution, {
    kind: 'run.progress',
    pages: stats.pagesProcessed,
    records: stats.totalUpstreamRecords,
    totalEstimate: execution.totalEstimate,
    recordsPerSecond: seconds > 0 ? Math.round(received / seconds) : 0,
    stats,
  })
}
