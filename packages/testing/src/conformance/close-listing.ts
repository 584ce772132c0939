import { deepEqual, equal } from 'node:assert/strict'
import {
  checkpointAt,
  leaseOf,
  otherStaff,
  pageOf,
  record,
  records,
  rejected,
  staff,
  teams,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import {
  begin,
  closeListing,
  commitPages,
  finish,
  fullPassOf,
  prepareScopes,
  refuses,
  resume,
  snapshot,
  takeOver,
} from './passes.ts'

export function testCloseListing(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore.closeListing', (test) => {
    test('live counts what is not stale, unseen what a sweep would mark', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [teams, otherStaff]) await fullPassOf(harness, records('1', '9'), { scope })
      await fullPassOf(harness, records('1', '2', '3', '4'))
      await fullPassOf(harness, records('1', '2', '3'))
      await timePasses(1000)
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('1', '5') }])
      const { live, unseen } = await closeListing(store, run)
      deepEqual({ live, unseen }, { live: 4, unseen: 2 })
    })

    test('it is repeatable', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await timePasses(1000)
      const run = await begin(store)
      await commitPages(store, run, [
        { records: records('1', '3'), excluded: ['4'] },
        { records: [record('3', { displayName: 'New' })], excluded: ['4', '1'], rejected: [rejected('5')] },
      ])
      const first = await closeListing(store, run)
      const before = await snapshot(store)
      deepEqual(await closeListing(store, run), first)
      deepEqual(await snapshot(store), before)
      const { added, updated, unchanged, excluded, quarantined } = first.stats
      deepEqual(
        { added, updated, unchanged, excluded, quarantined },
        {
          added: 1,
          updated: 0,
          unchanged: 1,
          excluded: 1,
          quarantined: 1,
        },
      )
    })

    test('the exact counters are the run’s from then on', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [
        { records: records('1'), excluded: ['2'] },
        { records: records('1', '2') },
      ])
      const { stats } = await closeListing(store, run)
      deepEqual([stats.added, stats.excluded, stats.totalUpstreamRecords], [2, 0, 4])
      deepEqual((await store.runs.get(run.runId))?.stats, stats)
      deepEqual((await finish(store, run)).stats, stats)
    })

    test('counters after a resume equal those of an uninterrupted run', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff, otherStaff)
      const pages = [
        { records: records('1', '2'), excluded: ['8'] },
        { records: [record('1', { displayName: 'New' }), record('3')], rejected: [rejected('9')] },
        { records: records('8', '4'), rejected: [rejected('2'), rejected(undefined, 1)] },
      ]
      const stats = []
      for (const scope of [staff, otherStaff]) {
        await fullPassOf(harness, records('1', '2', '5'), { scope })
        await timePasses(1000)
        let run = await begin(store, { scope })
        for (const [index, page] of pages.entries()) {
          await store.resources.commitPage(pageOf(run, index + 1, page))
          if (scope === staff) continue
          await finish(store, run, {
            status: 'partial',
            resumable: true,
            checkpoint: checkpointAt(index + 1),
            confirmsScope: false,
            forgetSeen: false,
          })
          run = await resume(store, { scope })
        }
        stats.push(await closeListing(store, run))
      }
      deepEqual(stats[1], stats[0])
      const { added, updated, unchanged, quarantined, excluded } = stats[0]?.stats ?? {}
      deepEqual([added, updated, unchanged, quarantined, excluded], [3, 1, 1, 2, 0])
    })

    test('earlier generations do not count', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const first = await begin(store)
      await commitPages(store, first, [
        { records: records('1', '2'), excluded: ['3'], rejected: [rejected('4')] },
      ])
      await finish(store, first, { status: 'error', confirmsScope: false, forgetSeen: false })
      const run = await begin(store)
      await commitPages(store, run, [{ records: records('1') }])
      const { unchanged, excluded, quarantined } = (await closeListing(store, run)).stats
      deepEqual({ unchanged, excluded, quarantined }, { unchanged: 1, excluded: 0, quarantined: 0 })
    })

    test('a full listing drops quarantine entries of earlier generations, an incremental one keeps them', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const quarantined = async () =>
        (await store.quarantine.list({ scope: staff, limit: 10 })).map(({ externalId }) => externalId)
      const first = await begin(store)
      await commitPages(store, first, [{ rejected: [rejected('1'), rejected('2'), rejected(undefined, 2)] }])
      await closeListing(store, first)
      await finish(store, first)
      const second = await begin(store, { run: { mode: 'incremental' } })
      await commitPages(store, second, [{ rejected: [rejected('2')] }])
      await closeListing(store, second, false)
      equal((await quarantined()).length, 3)
      await finish(store, second)
      const third = await begin(store)
      await commitPages(store, third, [{ rejected: [rejected('3')] }])
      await closeListing(store, third)
      deepEqual(await quarantined(), ['3'])
    })

    test('it throws LEASE_LOST after a takeover and writes nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const dead = await begin(store)
      await commitPages(store, dead, [{ records: records('1') }, { records: records('1') }])
      await takeOver(harness)
      const before = await snapshot(store)
      await refuses('LEASE_LOST', () => closeListing(store, dead))
      deepEqual(await snapshot(store), before)
      await refuses('LEASE_LOST', () =>
        store.resources.closeListing({
          lease: { ...leaseOf(dead), fencingToken: 0 },
          generation: 1,
          full: true,
        }),
      )
    })
  })
}
