import { deepEqual, equal, ok } from 'node:assert/strict'
import { isSyncError, type Store } from '@syncline/core'
import {
  checkpointAt,
  otherStaff,
  records,
  staff,
  teams,
  tenantId,
  zeroStats,
  zeroTimings,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, changesOf, finish, fullPass, fullPassOf, idsOf, prepareScopes, resume } from './passes.ts'

const dayMs = 86_400_000

const runIds = async (store: Store): Promise<string[]> =>
  (await store.runs.list({ limit: 100 })).map(({ runId }) => runId)

async function pruneAll(store: Store, olderThanMs: number): Promise<number> {
  for (let total = 0; ; ) {
    const removed = await store.runs.prune({ olderThanMs, limit: 2 })
    total += removed
    if (removed < 2) return total
  }
}

export function testRetention(suite: StoreSuite): void {
  storeCases(suite, 'Retention', (test) => {
    test('prune removes runs that ended longer ago, oldest first, up to the limit', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      const ids: string[] = []
      for (let count = 0; count < 5; count++) {
        const run = await begin(store)
        ids.push((await finish(store, run)).runId)
        await timePasses(dayMs)
      }
      equal(await store.runs.prune({ olderThanMs: 2.5 * dayMs, limit: 2 }), 2)
      deepEqual(await runIds(store), ids.slice(2).toReversed())
      equal(await store.runs.prune({ olderThanMs: 2.5 * dayMs, limit: 2 }), 1)
      equal(await store.runs.prune({ olderThanMs: 2.5 * dayMs, limit: 2 }), 0)
      deepEqual(await runIds(store), ids.slice(3).toReversed())
      equal(await store.runs.get(ids[0] ?? ''), undefined)
    })

    test('prune keeps what runs, waits, and the newest listing and newest full one with all their runs', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      const old = await finish(store, await begin(store))
      const guarded = await finish(store, await begin(store), {
        status: 'guarded',
        confirmsScope: false,
        forgetSeen: false,
      })
      const gone = await finish(store, await begin(store, { run: { mode: 'incremental' } }))
      const stopped = await finish(store, await begin(store, { run: { mode: 'incremental' } }), {
        status: 'partial',
        resumable: true,
      })
      const resumed = await finish(store, await resume(store), { status: 'partial', resumable: true })
      const running = await begin(store, { scope: teams })
      const { run: queued } = await store.runs.enqueue({
        ...otherStaff,
        runId: 'queued-run',
        tenantId,
        mode: 'full',
        requested: {},
        checkpoint: checkpointAt(0),
        stats: zeroStats,
        timings: zeroTimings,
      })
      await timePasses(2 * dayMs)
      equal(await pruneAll(store, dayMs), 2)
      const left = await runIds(store)
      deepEqual(
        left.toSorted(),
        [guarded, stopped, resumed, running, queued].map(({ runId }) => runId).toSorted(),
      )
      ok(!left.includes(old.runId) && !left.includes(gone.runId))
      await begin(store, {
        run: (state) => {
          deepEqual([state.latest?.runId, state.guarded?.runId], [resumed.runId, guarded.runId])
          return {}
        },
      })
    })

    test('prune removes queued runs that were cancelled', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const { run } = await store.runs.enqueue({
        ...staff,
        runId: 'cancelled-run',
        tenantId,
        mode: 'full',
        requested: {},
        checkpoint: checkpointAt(0),
        stats: zeroStats,
        timings: zeroTimings,
      })
      await store.runs.requestCancel(run.runId)
      await timePasses(2 * dayMs)
      equal(await store.runs.prune({ olderThanMs: dayMs, limit: 10 }), 1)
      deepEqual(await runIds(store), [])
    })

    test('purgeExpired removes what has been stale for longer than its retention, logs it and says when done', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff, teams)
      await fullPassOf(harness, records('1', '2', '3', '4'))
      await fullPassOf(harness, records('1'))
      await fullPassOf(harness, records('1'), { scope: teams })
      await fullPassOf(harness, records('2'), { scope: teams })
      const purge = (limit: number) =>
        store.resources.purgeExpired({ scope: staff, retentionMs: dayMs, limit })
      deepEqual(await purge(10), { count: 0, done: true })
      await timePasses(2 * dayMs)
      deepEqual(await purge(2), { count: 2, done: false })
      deepEqual(await purge(2), { count: 1, done: true })
      deepEqual(await idsOf(store), ['1'])
      deepEqual(await idsOf(store, teams), ['-1', '2'])
      const changes = await store.changes.read({ scope: staff, after: 7, limit: 10 })
      deepEqual(
        changes.map(({ kind, runId }) => [kind, runId]),
        Array.from({ length: 3 }, () => ['removed', undefined]),
      )
      equal(await store.resources.count({ ...staff, stale: true }), 0)
      deepEqual(await store.resources.purgeExpired({ scope: otherStaff, retentionMs: 1, limit: 1 }), {
        count: 0,
        done: true,
      })
    })

    test('changes.prune removes the oldest changes; positions go on without a gap', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await timePasses(2 * dayMs)
      await fullPassOf(harness, records('1', '2', '3'))
      for (let done = false; !done; ) {
        done = (await store.changes.prune({ scope: staff, olderThanMs: dayMs, limit: 1 })).done
      }
      const [left, ...more] = await store.changes.read({ scope: staff, after: 2, limit: 10 })
      deepEqual([left?.position, left?.externalId, more], [3, '3', []])
      await fullPassOf(harness, records('1', '2', '3', '4'))
      const [, next] = await store.changes.read({ scope: staff, after: 2, limit: 10 })
      deepEqual([next?.position, next?.externalId], [4, '4'])
      deepEqual(await store.changes.prune({ scope: otherStaff, olderThanMs: 1, limit: 1 }), {
        count: 0,
        done: true,
      })
    })

    test('reading on from a position whose next change was pruned throws CHANGES_EXPIRED with the oldest left', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPass(harness, [{ records: records('1', '2') }, { records: records('3') }])
      await timePasses(2 * dayMs)
      const expired = async (after: number, limit: number) => {
        try {
          await store.changes.read({ scope: staff, after, limit })
        } catch (error) {
          if (isSyncError(error, 'CHANGES_EXPIRED')) return error.details?.oldest
          throw error
        }
        return undefined
      }
      equal(await expired(0, 1), undefined)
      deepEqual(await changesOf(store), ['created 1', 'created 2', 'created 3'])
      await store.changes.prune({ scope: staff, olderThanMs: dayMs, limit: 100 })
      deepEqual([await expired(0, 1), await expired(2, 100)], [4, 4])
      equal(await expired(3, 10), undefined)
      await fullPassOf(harness, records('1', '2', '3', '4'))
      equal(await expired(2, 10), 4)
      deepEqual(
        (await store.changes.read({ scope: staff, after: 3, limit: 10 })).map(({ position }) => position),
        [4],
      )
    })
  })
}
