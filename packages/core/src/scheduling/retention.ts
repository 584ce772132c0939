import type { SyncConfig } from '../model/sync-config.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { parseRetention } from '../time/retention.ts'

/** How long things are kept that nobody needs for syncing. */
export interface Retention {
  /** Of ended runs. */
  readonly runsMs: number
  /** Of the change log; absent: for ever. */
  readonly changesMs?: number | undefined
  /** Of what came by webhook: message ids and marks. */
  readonly webhooksMs: number
  /** Of requests with a key. */
  readonly requestsMs: number
}

/**
 * Removes what is past its retention, in batches, each a transaction of its own: ended runs, changes, what came by
 * webhook, requests with a key, and stale resources of scopes whose runs do not purge them, such as incremental or disabled ones.
 * @throws the signal's reason, between two batches
 */
export async function applyRetention(
  engine: EngineContext,
  retention: Retention,
  signal: AbortSignal,
): Promise<void> {
  const { store, limits } = engine
  const limit = limits.sweepBatch
  await inBatches(engine, signal, async () => {
    const removed = await store.runs.prune({ olderThanMs: retention.runsMs, limit })
    return removed < limit
  })
  await inBatches(engine, signal, async () => {
    const removed = await store.requests.prune({ olderThanMs: retention.requestsMs, limit })
    return removed < limit
  })
  await inBatches(engine, signal, async () => {
    const pruned = await store.webhooks?.prune({ olderThanMs: retention.webhooksMs, limit })
    return pruned?.done ?? true
  })
  for (const config of await store.configs.list({})) {
    const scope = scopeOf(config)
    await inBatches(engine, signal, async () => {
      const retentionMs = parseRetention(config.staleRetention)
      const { done } = await store.resources.purgeExpired({ scope, retentionMs, limit })
      return done
    })
    if (retention.changesMs === undefined) continue
    const olderThanMs = retention.changesMs
    await inBatches(engine, signal, async () => {
      const { done } = await store.changes.prune({ scope, olderThanMs, limit })
      return done
    })
  }
}

async function inBatches(
  { nextTurn }: EngineContext,
  signal: AbortSignal,
  batch: () => Promise<boolean>,
): Promise<void> {
  for (let done = false; !done; ) {
    signal.throwIfAborted()
    done = await batch()
    await nextTurn()
  }
}

const scopeOf = ({ connectorId, resourceType }: SyncConfig) => ({ connectorId, resourceType })
