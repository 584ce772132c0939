import { type MemoryState, readScope, type StoredRun } from './memory-state.ts'

/** Removes runs that ended long ago and that no later one goes on from. */
export function pruneRuns(
  state: MemoryState,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): number {
  const until = state.now() - olderThanMs
  const old = [...state.runs.values()].filter(({ run }) => run.finishedAt && run.finishedAt.getTime() < until)
  const removable = old.filter((stored) => !isNeeded(state, stored)).slice(0, limit)
  for (const stored of removable) {
    state.runs.delete(stored.run.runId)
    const data = readScope(state, stored.run)
    if (data) data.runs = data.runs.filter((kept) => kept !== stored)
  }
  return removable.length
}

function isNeeded(state: MemoryState, { run }: StoredRun): boolean {
  // It never began.
  if (run.fencingToken === 0) return false
  const data = readScope(state, run)
  const newestFull = data?.runs.findLast((stored) => stored.run.mode === 'full')?.run
  return run.generation === data?.generation || run.generation === newestFull?.generation
}
