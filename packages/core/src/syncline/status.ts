import type { Run, RunStatus } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import { nextTick } from '../time/cron.ts'
import type { SyncStatus } from './syncline.ts'

const shown: Record<RunStatus, SyncStatus['status']> = {
  queued: 'running',
  running: 'running',
  success: 'success',
  partial: 'success',
  guarded: 'error',
  error: 'error',
  cancelled: 'error',
  timeout: 'error',
}

export async function readStatus(store: Store, clock: Clock, scope: Scope): Promise<SyncStatus> {
  const { connectorId, resourceType } = scope
  const [config, runs] = await Promise.all([
    store.configs.get({ connectorId, resourceType }),
    store.runs.list({ connectorId, resourceType, limit: 1 }),
  ])
  const [latestRun] = runs
  const scheduled = config?.enabled && config.cronSchedule !== undefined
  return {
    status: latestRun ? await statusOf(store, latestRun) : 'idle',
    latestRun,
    watermark: config?.watermark,
    nextRunAt: scheduled && config.cronSchedule ? nextTick(config.cronSchedule, clock.now()) : undefined,
  }
}

const deadRuns = 1_000

/** A run whose process died says running until another one takes over; a person should see that it is not. */
async function statusOf(store: Store, run: Run): Promise<SyncStatus['status']> {
  if (run.status !== 'running') return shown[run.status]
  const dead = await store.runs.abandoned(deadRuns)
  return dead.some(({ runId }) => runId === run.runId) ? 'error' : 'running'
}
