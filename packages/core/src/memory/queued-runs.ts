import type { Run } from '../model/run.ts'
import type { QueuedRun } from '../ports/run-store.ts'
import { queuedRun } from './begin-run.ts'
import { copyOf, type MemoryState, openOwnedScope } from './memory-state.ts'

/** Makes a run that waits to begin, unless its scope has one or the id is taken. */
export function enqueueRun(
  state: MemoryState,
  wanted: QueuedRun,
): { readonly kind: 'queued' | 'busy'; readonly run: Run } {
  openOwnedScope(state, wanted)
  const waiting = state.runs.get(wanted.runId) ?? queuedRun(state, wanted)
  if (waiting) return { kind: 'busy', run: copyOf(waiting.run) }
  const now = state.now()
  const at = new Date(now)
  const run: Run = copyOf({
    ...wanted,
    status: 'queued',
    generation: 0,
    generationStartedAt: at,
    fencingToken: 0,
    queuedAt: at,
    startedAt: at,
    leaseExpiresAt: at,
    resumable: false,
    complete: false,
    cancelRequested: false,
  })
  state.runs.set(run.runId, { run, listingBeganAt: now })
  return { kind: 'queued', run: copyOf(run) }
}

/** Ends a run that waits to begin. False when it does not wait. */
export function endQueued(state: MemoryState, runId: string, ending: Pick<Run, 'status' | 'error'>): boolean {
  const stored = state.runs.get(runId)
  if (stored?.run.status !== 'queued') return false
  const cancelRequested = ending.status === 'cancelled'
  stored.run = copyOf({ ...stored.run, ...ending, cancelRequested, finishedAt: new Date(state.now()) })
  return true
}
