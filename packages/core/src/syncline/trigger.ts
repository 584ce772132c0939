import { type QueueParts, queueRun } from './queue-run.ts'
import type { Syncline } from './syncline.ts'
import { waitForRun } from './watch-run.ts'

export function triggerOf(parts: QueueParts): Syncline['trigger'] {
  return async (request) => {
    const { mode, restart, wait, signal } = request
    const requested = { ...(mode && { mode }), ...(restart !== undefined && { restart }) }
    const run = await queueRun(parts, request, requested)
    return wait ? waitForRun(parts.engine, { runId: run.runId, signal }) : run
  }
}
