import type { Run } from '../model/run.ts'
import { requireGuarded } from '../scheduling/require-guarded.ts'
import { runSuperseded } from '../sync/begin-run.ts'
import { paged } from './paged.ts'
import { type QueueParts, queuedBefore, queueRun } from './queue-run.ts'
import type { RunRequest } from './run-request.ts'
import type { Syncline } from './syncline.ts'
import { waitForRun, watchRun } from './watch-run.ts'

export function runsHandle(
  parts: QueueParts,
  execute: (request: RunRequest) => Promise<Run>,
): Syncline['runs'] {
  const { engine } = parts
  const { runs } = engine.store
  return {
    get: (runId, owner) => runs.get(runId, owner),
    list: ({ limit = 20, ...query } = {}) => runs.list({ ...query, limit }),
    paged: ({ page, pageSize, ...filter }) =>
      paged(
        { page, pageSize },
        { find: (slice) => runs.list({ ...filter, ...slice }), count: () => runs.count(filter) },
      ),
    wait: (runId, options) => waitForRun(engine, { ...options, runId }),
    watch: (runId, options) => watchRun(engine, { ...options, runId }),
    cancel: (runId, owner) => runs.requestCancel(runId, owner),
    async approve({ runId, connectorId, tenantId, approvedBy }) {
      const run = await requireGuarded(runs, runId, { connectorId, tenantId })
      const request = { connectorId: run.connectorId, resourceType: run.resourceType }
      return execute({ request, tenantId: run.tenantId, approval: { run, approvedBy } })
    },
    async queueApproval({ runId, connectorId, tenantId, approvedBy, approvalId }) {
      const run = await requireGuarded(runs, runId, { connectorId, tenantId })
      const { resourceType, mode } = run
      const wanted = { connectorId: run.connectorId, resourceType, mode, runId: approvalId }
      const before = await queuedBefore(engine, wanted)
      if (before) return before
      if (run.approvedAt) throw runSuperseded(runId)
      return queueRun(parts, wanted, { approves: { runId, by: approvedBy } })
    },
  }
}
