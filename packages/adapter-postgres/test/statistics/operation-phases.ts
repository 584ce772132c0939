import { begin, checkpoint, finish, zeroStats, zeroTimings } from '../listing.ts'
import type { Phase, PhaseRequest } from './listing-phases.ts'

/** Runs of a scope that ended long ago. */
export const insertRuns = (
  count: number,
): string => `insert into syncline.sync_run (run_id, scope_id, tenant_id,
    mode, status, generation, generation_started_at, fencing_token, started_at, finished_at, lease_expires_at,
    checkpoint, added, updated, unchanged, restored, staled, removed, excluded, quarantined, duration_ms,
    pages_processed, total_upstream_records, timings, complete)
  select 'old-' || n, s.id, 'tenant', 'full', 'success', 0, now() - interval '9 days', 0, now() - interval '9 days',
    now() - interval '9 days', now() - interval '9 days', '${JSON.stringify(checkpoint(1))}', 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, '${JSON.stringify(zeroTimings)}', true
  from generate_series(1, ${count}) n, syncline.sync_scope s where s.connector_id = $1`

/** Runs begun, queued, listed and forgotten; requests with a key. */
export function operationPhases({ store, scope, count }: PhaseRequest): Readonly<Record<string, Phase>> {
  const owner = { ...scope, tenantId: 'tenant' }
  const batch = Math.ceil(count / 30)
  return {
    'runs begun, renewed and finished': {
      records: count,
      async run() {
        for (let times = 0; times < Math.min(30, count); times += 1) {
          await store.runs.enqueue({
            ...owner,
            runId: `queued-${scope.connectorId}-${times}`,
            mode: 'full',
            requested: {},
            checkpoint: checkpoint(0),
            stats: zeroStats,
            timings: zeroTimings,
          })
          const run = await begin(store, {}, owner)
          await store.runs.renew({
            ...scope,
            runId: run.runId,
            fencingToken: run.fencingToken,
            leaseMs: 9_000,
          })
          await store.runs.requestCancel(`queued-${scope.connectorId}-${times}`)
          await finish(store, run)
          await store.schedules.list({ scope, endedRuns: 3 })
          await store.runs.abandoned(10)
        }
      },
    },
    'runs listed page by page': {
      records: count,
      async run() {
        for (let before: string | undefined; ; ) {
          const found = await store.runs.list({
            ...scope,
            limit: batch,
            ...(before !== undefined && { before }),
          })
          before = found.at(-1)?.runId
          if (found.length < batch) return
        }
      },
    },
    'old runs forgotten': {
      records: count,
      async run() {
        while ((await store.runs.prune({ olderThanMs: 86_400_000, limit: batch })) === batch);
      },
    },
    'requests claimed, answered and forgotten': {
      records: count / 10,
      async run() {
        const { requests } = store
        if (!requests) throw new Error('This store keeps requests')
        for (let number = 0; number < count / 10; number += 1) {
          const request = { connectorId: scope.connectorId, principalId: 'p', key: `k-${number}` }
          const claim = await requests.claim({ ...request, fingerprint: 'f', effectId: 'e', leaseMs: 60_000 })
          if (claim.kind === 'claimed')
            await requests.answer({ ...request, claim: claim.claim, effectId: claim.effectId }, 'done')
        }
        const limit = Math.ceil(count / 300)
        while ((await requests.prune({ olderThanMs: -1, limit })) === limit);
      },
    },
    'the connector removed': {
      records: 6 * count,
      async run() {
        await store.connectors.remove(scope.connectorId)
      },
    },
  }
}
