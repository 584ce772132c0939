import { deepEqual, equal, ok } from 'node:assert/strict'
import { checkpointAt, leaseOf, otherStaff, record, records, rejected, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  allOf,
  begin,
  changesOf,
  closeListing,
  commitPages,
  finish,
  fullPassOf,
  idsOf,
  prepareScopes,
  refuses,
  snapshot,
  sweep,
  takeOver,
} from './passes.ts'

const sweeping = checkpointAt(1, { phase: 'sweeping' })

export function testMarkStale(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.markStale', (test) => {
    test('what a listing did not see goes stale, with its change and the counter', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3'))
      await timePasses(1000)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('2') }])
      const batch = { lease: leaseOf(run), generation: run.generation, limit: 100, checkpoint: sweeping }
      const { count, cancelRequested } = await store.resources.markStale(batch)
      deepEqual([count, cancelRequested], [2, false])
      deepEqual(await idsOf(store), ['-1', '2', '-3'])
      deepEqual((await changesOf(store)).slice(3).toSorted(), ['staled 1', 'staled 3'])
      const stored = await store.runs.get(run.runId)
      equal(stored?.stats.staled, 2)
      deepEqual(stored.checkpoint, sweeping)
      const [stale] = await allOf(store)
      ok(stale?.staleSince && stale.staleSince >= run.startedAt)
      ok(stale.syncedAt < run.startedAt)
    })

    test('it marks up to limit rows at a time until nothing is left to do', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3', '4', '5'))
      await timePasses(1000)
      const run = await begin(store)
      const batch = { lease: leaseOf(run), generation: run.generation, limit: 2, checkpoint: sweeping }
      const counts: number[] = []
      for (let done = false; !done; ) {
        const swept = await store.resources.markStale(batch)
        counts.push(swept.count)
        done = swept.done
        ok(counts.length < 10)
      }
      deepEqual(counts.slice(0, 3), [2, 2, 1])
      deepEqual(await store.resources.markStale(batch), { count: 0, done: true, cancelRequested: false })
      equal((await store.runs.get(run.runId))?.stats.staled, 5)
      equal(await store.resources.count({ ...staff, stale: true }), 5)
    })

    test('a stale row stays as it was marked', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await fullPassOf(harness, [])
      await timePasses(1000)
      const before = await allOf(store)
      const run = await begin(store)
      equal(await sweep(store, run), 0)
      deepEqual(await allOf(store), before)
      equal((await changesOf(store)).length, 2)
    })

    test('the row of a quarantined record counts as seen, that of an excluded one does not', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('bad', 'filtered', 'good'))
      await timePasses(1000)
      const run = await begin(store)
      await commitPages(store, run, [
        { records: records('good'), rejected: [rejected('bad')], excluded: ['filtered'] },
      ])
      equal((await closeListing(store, run)).unseen, 1)
      await sweep(store, run)
      deepEqual(await idsOf(store), ['bad', '-filtered', 'good'])
    })

    test('what a direct write touched since the generation began is spared', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('unchanged', 'updated', 'before', 'gone'))
      await timePasses(1000)
      await store.resources.upsertOne({ scope: staff, record: record('before') })
      await timePasses(1000)
      const run = await begin(store)
      await timePasses(1000)
      const write = (id: string, displayName?: string) =>
        store.resources.upsertOne({ scope: staff, record: record(id, displayName ? { displayName } : {}) })
      await write('unchanged')
      await write('updated', 'New')
      await write('created')
      const { unseen, live } = await closeListing(store, run)
      deepEqual([unseen, live], [2, 5])
      await sweep(store, run)
      deepEqual(await idsOf(store), ['-before', 'created', '-gone', 'unchanged', 'updated'])
    })

    test('a direct write in an earlier run of the generation is spared too', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await timePasses(1000)
      await begin(store)
      await timePasses(1000)
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      const second = await takeOver(harness)
      equal((await closeListing(store, second)).unseen, 1)
      await sweep(store, second)
      deepEqual(await idsOf(store), ['1', '-2'])
    })

    test('an approval spares what an incremental listing saw since the guarded run', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2', '3', '4'))
      await timePasses(1000)
      const guarded = await begin(store)
      await commitPages(store, guarded, [{ records: records('1') }])
      equal((await closeListing(store, guarded)).unseen, 3)
      await finish(store, guarded, { status: 'guarded', confirmsScope: false, forgetSeen: false })

      await timePasses(1000)
      const incremental = await begin(store, {
        run: { mode: 'incremental', forgetSeenBefore: guarded.generation },
      })
      await commitPages(store, incremental, [{ records: records('2'), rejected: [rejected('3')] }])
      await closeListing(store, incremental, false)
      await finish(store, incremental, { confirmsScope: false, forgetSeen: false })

      await timePasses(1000)
      const approval = await begin(store, {
        run: (state) => {
          ok(state.guarded)
          return {
            generation: state.guarded.generation,
            generationStartedAt: state.guarded.generationStartedAt,
            forgetSeenBefore: state.guarded.generation,
            approves: { runId: state.guarded.runId, by: 'ada' },
          }
        },
      })
      equal(await sweep(store, approval), 1)
      deepEqual(await idsOf(store), ['1', '2', '3', '-4'])
    })

    test('forgetSeenBefore forgets what generations below it saw', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await timePasses(1000)
      const first = await begin(store)
      await commitPages(store, first, [{ records: records('1') }])
      const ending = { status: 'guarded', confirmsScope: false, forgetSeen: false } as const
      await finish(store, first, ending)
      await finish(store, await begin(store, { run: { mode: 'incremental', forgetSeenBefore: 3 } }), ending)
      const again = await begin(store, {
        run: ({ guarded }) => ({
          generation: first.generation,
          generationStartedAt: guarded?.generationStartedAt,
        }),
      })
      equal((await closeListing(store, again)).unseen, 2)
    })

    test('what an earlier generation saw does not count as seen', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await timePasses(1000)
      const first = await begin(store)
      await commitPages(store, first, [{ records: records('1', '2') }])
      await finish(store, first, { status: 'guarded', confirmsScope: false, forgetSeen: false })
      await timePasses(1000)
      const second = await begin(store, { run: { forgetSeenBefore: 1 } })
      await commitPages(store, second, [{ records: records('1') }])
      equal((await closeListing(store, second)).unseen, 1)
    })

    test('other scopes keep their rows, also those with equal external ids', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [staff, teams, otherStaff]) await fullPassOf(harness, records('1', '2'), { scope })
      await fullPassOf(harness, records('1'))
      deepEqual(await idsOf(store, staff), ['1', '-2'])
      deepEqual(await idsOf(store, teams), ['1', '2'])
      deepEqual(await idsOf(store, otherStaff), ['1', '2'])
      equal((await changesOf(store, otherStaff)).length, 2)
    })

    test('a lost lease throws LEASE_LOST and nothing is marked', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      const dead = await begin(store)
      await takeOver(harness)
      const before = await snapshot(store)
      await refuses('LEASE_LOST', () => sweep(store, dead))
      deepEqual(await snapshot(store), before)
    })

    test('a requested cancellation is answered with the batch', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await store.runs.requestCancel(run.runId)
      const batch = { lease: leaseOf(run), generation: run.generation, limit: 2, checkpoint: sweeping }
      equal((await store.resources.markStale(batch)).cancelRequested, true)
      const purge = { lease: leaseOf(run), retentionMs: 0, limit: 2 }
      equal((await store.resources.purgeStale(purge)).cancelRequested, true)
    })

    test('a page and a sweep never lose a resource that a webhook writes at the same time', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const ids = Array.from({ length: 30 }, (_, index) => `id-${index}`)
      await fullPassOf(harness, records(...ids))
      await timePasses(1000)
      const run = await begin(store)
      await Promise.all([
        sweep(store, run, 7),
        ...ids.map((id) => store.resources.upsertOne({ scope: staff, record: record(id) })),
      ])
      equal(await store.resources.count({ ...staff, stale: true }), 0)
    })
  })
}
