import { deepEqual, equal, ok } from 'node:assert/strict'
import { checkpointAt, finishOf, leaseMs, pageOf, records, staff, zeroTimings } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  allOf,
  begin,
  closeListing,
  commitPages,
  finish,
  fullPassOf,
  idsOf,
  prepareScopes,
  refuses,
  resume,
  snapshot,
  sweep,
  takeOver,
} from './passes.ts'

const watermark = '2026-02-03T04:05:06.789Z'

export function testFinishRun(suite: StoreSuite): void {
  storeCases(suite, 'RunStore.finish', (test) => {
    test('finish moves a run to its final status with everything it names', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('1', '2') }])
      const checkpoint = checkpointAt(1, { phase: 'sweeping', kept: 2 })
      const finished = await store.runs.finish(
        finishOf(run, {
          status: 'guarded',
          checkpoint,
          timings: { ...zeroTimings, fetchMs: 12, staleMs: 3 },
          durationMs: 4321,
          resumable: true,
          complete: true,
          error: { code: 'REMOVAL_GUARDED', message: 'Too many', details: { unseen: 3, ids: ['ü'] } },
          guard: { live: 10, unseen: 8, limit: 2, tripped: true, reason: 'too_many' },
        }),
      )
      deepEqual(await store.runs.get(run.runId), finished)
      const { status, resumable, complete, timings, error, guard, stats } = finished
      deepEqual(
        { status, resumable, complete, timings, error, guard },
        {
          status: 'guarded',
          resumable: true,
          complete: true,
          timings: { ...zeroTimings, fetchMs: 12, staleMs: 3 },
          error: { code: 'REMOVAL_GUARDED', message: 'Too many', details: { unseen: 3, ids: ['ü'] } },
          guard: { live: 10, unseen: 8, limit: 2, tripped: true, reason: 'too_many' },
        },
      )
      deepEqual(finished.checkpoint, checkpoint)
      deepEqual([stats.added, stats.durationMs], [2, 4321])
      ok(finished.finishedAt && finished.finishedAt >= finished.startedAt)
    })

    test('the verdict of the guard is kept, whatever its reason', async ({ store }) => {
      await prepareScopes(store, staff)
      for (const reason of ['nothing_seen', 'too_many', 'unreadable_ids', undefined] as const) {
        const guard = { live: 10, unseen: 8, limit: 2, tripped: reason !== undefined, reason }
        const run = await begin(store)
        await store.runs.finish(finishOf(run, { status: 'guarded', guard }))
        const kept = await store.runs.get(run.runId)
        deepEqual(kept?.guard && { ...guard, ...kept.guard }, guard)
      }
    })

    test('repeating finish with the same status returns the run and writes nothing', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const request = finishOf(run, { watermark })
      const first = await store.runs.finish(request)
      const before = await snapshot(store)
      deepEqual(await store.runs.finish(request), first)
      deepEqual(await store.runs.finish({ ...request, watermark: '2027-01-01T00:00:00.000Z' }), first)
      deepEqual(await snapshot(store), before)
    })

    test('repeating finish after another run began does not touch that run', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await finish(store, run)
      const next = await begin(store)
      equal((await finish(store, run)).runId, run.runId)
      equal((await store.runs.get(next.runId))?.status, 'running')
    })

    test('finish throws LEASE_LOST for a run that ended in another status', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await finish(store, run, { status: 'cancelled' })
      const before = await snapshot(store)
      await refuses('LEASE_LOST', () => finish(store, run, { status: 'success', watermark }))
      deepEqual(await snapshot(store), before)
    })

    test('finish throws LEASE_LOST when another run took the scope over, and writes nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const dead = await begin(store)
      const next = await takeOver(harness)
      const before = await snapshot(store)
      await refuses('LEASE_LOST', () => finish(store, dead, { watermark }))
      const forged = {
        ...finishOf(next),
        lease: { ...finishOf(next).lease, fencingToken: dead.fencingToken },
      }
      await refuses('LEASE_LOST', () => store.runs.finish(forged))
      deepEqual(await snapshot(store), before)
    })

    test('the scope is free for the next run as soon as a run has finished', async ({ store }) => {
      await prepareScopes(store, staff)
      await finish(store, await begin(store))
      const next = await begin(store, { run: (state) => (equal(state.running, undefined), {}) })
      equal(next.generation, 2)
    })

    test('a run that outlived its lease may still finish while nobody took over', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await timePasses(leaseMs * 2)
      equal((await finish(store, run)).status, 'success')
      deepEqual(await store.runs.abandoned(10), [])
    })

    test('the watermark is written to the sync config when given and kept otherwise', async ({ store }) => {
      await prepareScopes(store, staff)
      await finish(store, await begin(store), { watermark })
      equal((await store.configs.get(staff))?.watermark, watermark)
      await finish(store, await begin(store))
      equal((await store.configs.get(staff))?.watermark, watermark)
    })

    test('a run whose settings were removed meanwhile still finishes', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await store.configs.remove(staff)
      equal((await finish(store, run, { watermark })).status, 'success')
      equal(await store.configs.get(staff), undefined)
    })

    test('confirmsScope moves syncedAt of what is live, and of nothing that is stale', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('gone', 'kept'))
      await timePasses(60_000)
      await fullPassOf(harness, records('gone', 'kept'))
      await timePasses(60_000)
      const before = await allOf(store)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('kept') }])
      await closeListing(store, run)
      await sweep(store, run)
      await finish(store, run, { confirmsScope: true })
      const [gone, kept] = await allOf(store)
      ok(gone?.staleSince)
      deepEqual(gone.syncedAt, before[0]?.syncedAt)
      deepEqual(kept?.syncedAt, run.generationStartedAt)
    })

    test('without confirmsScope syncedAt stays', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await timePasses(60_000)
      const before = await allOf(store)
      const run = await begin(store, { run: { mode: 'incremental' } })
      await commitPages(store, run, [{ records: records('1') }])
      await finish(store, run, { confirmsScope: false })
      deepEqual(await allOf(store), before)
    })

    test('without forgetSeen a resumed run remembers what the pages before it saw', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3'))
      await timePasses(1000)
      const first = await begin(store)
      await store.resources.commitPage(pageOf(first, 1, { records: records('1') }))
      await finish(store, first, {
        status: 'partial',
        resumable: true,
        checkpoint: checkpointAt(1),
        confirmsScope: false,
        forgetSeen: false,
      })
      const second = await resume(store)
      await store.resources.commitPage(pageOf(second, 2, { records: records('2') }))
      const summary = await closeListing(store, second)
      deepEqual([summary.live, summary.unseen, summary.stats.unchanged], [3, 1, 2])
      await sweep(store, second)
      deepEqual(await idsOf(store), ['1', '2', '-3'])
    })
  })
}
