import { SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { RunOwner, RunStore } from '../ports/run-store.ts'

/** The run that waits for approval. @throws RUN_NOT_FOUND, RUN_NOT_GUARDED */
export async function requireGuarded(runs: RunStore, runId: string, owner: RunOwner): Promise<Run> {
  const run = await runs.get(runId, owner)
  if (!run) throw runNotFound(runId)
  if (run.status === 'guarded') return run
  throw new SyncError(
    'RUN_NOT_GUARDED',
    `Run ${runId} is ${run.status}; only a guarded run waits for approval`,
    { details: { runId, status: run.status } },
  )
}

export const runNotFound = (runId: string): SyncError =>
  new SyncError('RUN_NOT_FOUND', `There is no run ${runId}`, { details: { runId } })
