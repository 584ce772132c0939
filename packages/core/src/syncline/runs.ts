import { SyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { Store } from '../ports/store.ts'
import type { Syncline, SyncRequest } from './syncline.ts'

type Execute = (request: SyncRequest, approval: { run: Run; approvedBy: string }) => Promise<Run>

export function runsHandle(store: Store, execute: Execute): Syncline['runs'] {
  return {
    get: (runId) => store.runs.get(runId),
    list: ({ limit = 20, ...query } = {}) => store.runs.list({ ...query, limit }),
    cancel: (runId) => store.runs.requestCancel(runId),
    async approve({ runId, approvedBy }) {
      const run = await store.runs.get(runId)
      if (!run) throw new SyncError('RUN_NOT_FOUND', `There is no run ${runId}`, { details: { runId } })
      if (run.status !== 'guarded') {
        throw new SyncError(
          'RUN_NOT_GUARDED',
          `Run ${runId} is ${run.status}; only a guarded run waits for approval`,
          {
            details: { runId, status: run.status },
          },
        )
      }
      const { connectorId, resourceType } = run
      return execute({ connectorId, resourceType }, { run, approvedBy })
    },
  }
}
