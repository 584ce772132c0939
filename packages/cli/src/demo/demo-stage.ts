import type { Run, RunMode, Store, Syncline } from '@syncline/core'
import type { Directory, Upstream } from '@syncline/testing/upstream'
import type { Terminal } from '../terminal.ts'
import type { DemoReport } from './demo-report.ts'
import type { users } from './killed-process.ts'

/** What every chapter of the demo plays with. */
export interface Stage {
  readonly terminal: Terminal
  readonly report: DemoReport
  readonly upstream: Upstream
  readonly directory: Directory
  readonly store: Store
  readonly syncline: Syncline
}

/** Runs a sync and reads the run back from the store. */
export async function syncAndRead(
  { syncline, store }: Stage,
  scope: typeof users,
  mode: RunMode,
): Promise<Run> {
  const { runId } = await syncline.sync({ ...scope, mode })
  const run = await store.runs.get(runId)
  if (!run) throw new Error(`run ${runId} is not in the store`)
  return run
}

/** Position of the newest change of a scope. */
export const changesSoFar = async ({ store }: Stage, scope: typeof users): Promise<number> => {
  let last = 0
  for (;;) {
    const changes = await store.changes.read({ scope, after: last, limit: 10_000 })
    last = changes.at(-1)?.position ?? last
    if (changes.length < 10_000) return last
  }
}
