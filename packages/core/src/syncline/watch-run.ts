import { isDeepStrictEqual } from 'node:util'
import type { Run } from '../model/run.ts'
import { runNotFound } from '../scheduling/require-guarded.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { WatchOptions } from './run-handles.ts'

export interface WatchedRun extends WatchOptions {
  readonly runId: string
}

/** Many runs end within a moment; the others are not asked after more often than a reader could tell. */
const pauses = { firstMs: 20, longestMs: 500 }

/** See `Syncline.runs.watch`. The store is asked only when the next state is. */
export async function* watchRun(engine: EngineContext, watched: WatchedRun): AsyncGenerator<Run, void, void> {
  const { runId, connectorId, tenantId, signal, remindMs = Number.POSITIVE_INFINITY } = watched
  const { store, clock } = engine
  let shown: { readonly run: Run; readonly at: Date } | undefined
  let pauseMs = pauses.firstMs
  for (;;) {
    signal?.throwIfAborted()
    const run = await store.runs.get(runId, { connectorId, tenantId })
    if (!run) throw runNotFound(runId)
    const now = clock.now()
    if (!shown || now.getTime() - shown.at.getTime() >= remindMs || !isSameNews(shown.run, run)) {
      shown = { run, at: now }
      yield run
    }
    if (run.finishedAt) return
    await clock.sleep(pauseMs, signal)
    pauseMs = Math.min(2 * pauseMs, pauses.longestMs)
    await engine.nextTurn()
  }
}

/** A renewed lease is no news. */
const isSameNews = (left: Run, right: Run): boolean =>
  isDeepStrictEqual({ ...left, leaseExpiresAt: right.leaseExpiresAt }, right)

/** Resolves with a run once it has ended. @throws as `watchRun` does */
export async function waitForRun(engine: EngineContext, watched: WatchedRun): Promise<Run> {
  for await (const run of watchRun(engine, watched)) if (run.finishedAt) return run
  throw runNotFound(watched.runId)
}
