import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { PageCommit } from '@syncline/core'
import {
  checkpointAt,
  leaseMs,
  leaseOf,
  nextRunId,
  pageOf,
  record,
  records,
  rejected,
  staff,
  teams,
  zeroTimings,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  begin,
  changesOf,
  closeListing,
  commitPages,
  finish,
  idsOf,
  prepareScopes,
  refuses,
  resume,
  snapshot,
  takeOver,
} from './passes.ts'

export function testPageTransactions(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.commitPage: one transaction', (test) => {
    const content: Partial<PageCommit> = {
      records: records('1', '2'),
      excluded: ['3'],
      rejected: [rejected('4')],
      received: 9,
      totalEstimate: 40,
      timings: { ...zeroTimings, fetchMs: 7 },
      checkpoint: checkpointAt(1, { cursor: 'next ü', kept: 2, emptyPages: 0 }),
    }

    test('rows, changes, quarantine, counters, checkpoint and lease move together', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const run = await begin(store)
      await timePasses(leaseMs - 10_000)
      const result = await store.resources.commitPage(pageOf(run, 1, content))
      deepEqual([result.repeated, result.cancelRequested], [false, false])
      deepEqual(result.stats, {
        ...run.stats,
        added: 2,
        excluded: 1,
        quarantined: 1,
        pagesProcessed: 1,
        totalUpstreamRecords: 9,
      })
      const stored = await store.runs.get(run.runId)
      deepEqual(stored?.stats, result.stats)
      deepEqual(stored.checkpoint, content.checkpoint)
      deepEqual([stored.totalEstimate, stored.timings.fetchMs], [40, 7])
      deepEqual(await idsOf(store), ['1', '2'])
      equal(await store.quarantine.count(staff), 1)
      await timePasses(20_000)
      deepEqual(await store.runs.abandoned(10), [], 'the page extended the lease')
    })

    test('a repeated page changes nothing and answers the totals', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const { at: _first, ...first } = await store.resources.commitPage(pageOf(run, 1, content))
      const before = await snapshot(store)
      const other = { ...content, records: [record('1', { displayName: 'Other' }), record('5')] }
      for (const page of [content, other]) {
        const { at: _, ...again } = await store.resources.commitPage(pageOf(run, 1, page))
        deepEqual(again, { ...first, repeated: true })
      }
      deepEqual(await snapshot(store), before)
    })

    test('an earlier page than the last, and one of the run before, count as repeated too', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('1') }, { records: records('2') }])
      await finish(store, run, {
        status: 'partial',
        resumable: true,
        checkpoint: checkpointAt(2),
        forgetSeen: false,
        confirmsScope: false,
      })
      const next = await resume(store)
      const before = await snapshot(store)
      for (const pageNumber of [1, 2]) {
        const page = pageOf(next, pageNumber, { records: records('9') })
        const { repeated, stats } = await store.resources.commitPage(page)
        deepEqual([repeated, stats.added], [true, 2])
      }
      deepEqual(await snapshot(store), before)
      equal((await store.resources.commitPage(pageOf(next, 3))).repeated, false)
    })

    test('the same page sent twice at once is stored once', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const results = await Promise.all(
        [1, 2, 3].map(() => store.resources.commitPage(pageOf(run, 1, content))),
      )
      equal(results.filter(({ repeated }) => !repeated).length, 1)
      deepEqual(
        results.map(({ stats }) => stats.added),
        [2, 2, 2],
      )
      equal((await changesOf(store)).length, 2)
    })

    test('a page under a lost lease throws LEASE_LOST and writes nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      const dead = await begin(store)
      const next = await takeOver(harness)
      const ended = await finish(store, await begin(store, { scope: teams }))
      const before = [await snapshot(store), await snapshot(store, teams)]
      const leases = {
        takenOver: leaseOf(dead),
        finished: leaseOf(ended),
        unknown: { ...leaseOf(next), runId: nextRunId() },
        oldToken: { ...leaseOf(next), fencingToken: dead.fencingToken },
        otherScope: { ...leaseOf(next), ...teams },
      }
      for (const lease of Object.values(leases)) {
        const page = { ...pageOf(next, 1, content), lease }
        await refuses('LEASE_LOST', () => store.resources.commitPage(page))
      }
      deepEqual([await snapshot(store), await snapshot(store, teams)], before)
    })

    test('a page that cannot be stored leaves nothing behind and may be sent again', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const before = await snapshot(store)
      const broken = { ...record('2'), attributesJson: '{"cut":' }
      const page = pageOf(run, 1, { ...content, records: [record('1'), broken] })
      await rejects(store.resources.commitPage(page))
      deepEqual(await snapshot(store), before)
      const { repeated, stats } = await store.resources.commitPage(pageOf(run, 1, content))
      deepEqual([repeated, stats.added], [false, 2])
    })

    test('a run that outlived its lease still writes while nobody took over', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await timePasses(leaseMs * 2)
      equal((await store.resources.commitPage(pageOf(run, 1, content))).stats.added, 2)
      deepEqual(await store.runs.abandoned(10), [])
    })

    test('counters go on over pages and over runs of the generation', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const first = await begin(store)
      await commitPages(store, first, [{ records: records('1') }, { records: records('2'), excluded: ['3'] }])
      const second = await takeOver(harness)
      const { stats } = await store.resources.commitPage(pageOf(second, 3, { records: records('4', '5') }))
      deepEqual([stats.added, stats.excluded, stats.pagesProcessed, stats.totalUpstreamRecords], [4, 1, 3, 5])
    })

    test('the estimate stays when a later page brings none', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [content, {}])
      equal((await store.runs.get(run.runId))?.totalEstimate, 40)
    })

    test('a page without records moves the checkpoint', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await store.resources.commitPage(pageOf(run, 1, { checkpoint: checkpointAt(1, { emptyPages: 1 }) }))
      const stored = await store.runs.get(run.runId)
      deepEqual([stored?.checkpoint.pages, stored?.checkpoint.emptyPages], [1, 1])
      deepEqual([stored?.stats.pagesProcessed, stored?.stats.totalUpstreamRecords], [1, 0])
    })

    test('a page of 5,000 records is stored as a whole', async ({ store }) => {
      await prepareScopes(store, staff)
      const many = Array.from({ length: 5000 }, (_, index) => record(`id-${index}`))
      const first = await begin(store)
      const { stats } = await store.resources.commitPage(pageOf(first, 1, { records: many }))
      equal(stats.added, 5000)
      equal(await store.resources.count(staff), 5000)
      equal((await closeListing(store, first)).stats.added, 5000)
      await finish(store, first)
      const second = await begin(store)
      const { stats: again } = await store.resources.commitPage(pageOf(second, 1, { records: many }))
      deepEqual([again.added, again.unchanged], [0, 5000])
    })

    test('a page and direct writes of the same resources at once never deadlock', async ({ store }) => {
      await prepareScopes(store, staff)
      const ids = Array.from({ length: 40 }, (_, index) => `id-${index}`)
      const run = await begin(store)
      const direct = ids
        .toReversed()
        .map((id) =>
          store.resources.upsertOne({ scope: staff, record: record(id, { displayName: 'Direct' }) }),
        )
      const pages = (async () => {
        for (const pageNumber of [1, 2, 3]) {
          const page = ids.map((id) => record(id, { displayName: `Page ${pageNumber}` }))
          await store.resources.commitPage(pageOf(run, pageNumber, { records: page }))
        }
      })()
      await Promise.all([pages, ...direct])
      deepEqual(await idsOf(store), ids.toSorted())
    })
  })
}
