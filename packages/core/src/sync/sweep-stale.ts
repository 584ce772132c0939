import type { Checkpoint } from '../model/run.ts'
import type { SweepBatch } from '../ports/resource-store.ts'
import { parseRetention } from '../time/retention.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'
import { retryStore } from './store-retry.ts'

/**
 * Marks what a complete listing did not see as stale, then purges what has been stale longer than its retention.
 * In batches, each a transaction of its own, so that no lock is held for long and a killed sweep goes on where
 * it stood.
 */
export async function sweepStale(engine: EngineContext, execution: Execution): Promise<void> {
  const { held, run, job, stages } = execution
  const { lease } = held
  const limit = engine.limits.sweepBatch
  const checkpoint: Checkpoint = { ...execution.checkpoint, phase: 'sweeping' }
  execution.checkpoint = checkpoint
  const retentionMs = parseRetention(job.config.staleRetention)
  const { resources } = engine.store
  const inBatches = async (batch: () => Promise<SweepBatch>): Promise<void> => {
    for (;;) {
      held.signal.throwIfAborted()
      const { done, cancelRequested } = await retryStore(engine, held.signal, batch)
      held.noteCancel(cancelRequested)
      if (done) return
    }
  }
  await stages.time('staleMs', async () => {
    await inBatches(() => resources.markStale({ lease, generation: run.generation, limit, checkpoint }))
    await inBatches(() => resources.purgeStale({ lease, retentionMs, limit }))
  })
}
