import { deepEqual, equal } from 'node:assert/strict'
import type { PreparedRecord } from '@syncline/core'
import { pageOf, record, records, staff } from './builders.ts'
import { type StoreHarness, type StoreSuite, storeCases } from './harness.ts'
import { allOf, begin, changesOf, closeListing, finish, fullPassOf, prepareScopes, sweep } from './passes.ts'
import { refOf, removal, take, upsert } from './webhook-builders.ts'

const named = (externalId: string, displayName: string): PreparedRecord => record(externalId, { displayName })

/** A listing whose second page is asked for, then `meanwhile` happens, then the page is stored. */
async function overtake(
  { store }: StoreHarness,
  page: readonly PreparedRecord[],
  meanwhile: () => Promise<unknown>,
) {
  const run = await begin(store)
  const { at } = await store.resources.commitPage(pageOf(run, 1, { records: records('first') }))
  await meanwhile()
  await store.resources.commitPage(pageOf(run, 2, { records: page, askedAfter: at }))
  const { stats } = await closeListing(store, run)
  const staled = await sweep(store, run)
  await finish(store, run)
  const rows = (await allOf(store)).map(({ externalId, displayName, staleSince }) =>
    staleSince ? `-${externalId}` : `${externalId} ${displayName}`,
  )
  return { stats, staled, rows }
}

export function testWebhookPages(suite: StoreSuite): void {
  storeCases(suite, 'WebhookStore: pages that were asked for before', (test) => {
    test('a page leaves what a webhook has said since it was asked for, and counts it as seen and unchanged', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('first'), named('1', 'Old'), named('2', 'Old')])
      const page = [named('1', 'Old'), named('2', 'New'), named('3', 'Old'), named('4', 'Old')]
      const { stats, staled, rows } = await overtake(harness, page, async () => {
        await take(store, refOf('1'), upsert(named('1', 'Told')))
        await take(store, refOf('3'), upsert(named('3', 'Told')))
      })
      deepEqual(rows, ['1 Told', '2 New', '3 Told', '4 Old', 'first Name of first'])
      deepEqual([stats.unchanged, stats.updated, stats.added, stats.excluded, staled], [3, 1, 1, 0, 0])
      deepEqual((await changesOf(store)).slice(3).toSorted(), [
        'created 3',
        'created 4',
        'updated 1',
        'updated 2',
      ])
    })

    test('a page does not make again what a webhook has removed since, and counts it as excluded', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, [record('first'), named('1', 'Old')])
      const { stats, rows } = await overtake(harness, [named('1', 'Old'), named('2', 'Old')], () =>
        take(store, refOf('1'), removal()),
      )
      deepEqual(rows, ['2 Old', 'first Name of first'])
      deepEqual([stats.unchanged, stats.added, stats.excluded], [1, 1, 1])
    })

    test('so does the first page of a first load', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await take(store, refOf('1'), upsert(named('1', 'Told')))
      await take(store, refOf('2'), removal())
      const page = [named('1', 'Old'), named('2', 'Old'), named('3', 'Old')]
      await store.resources.commitPage(pageOf(run, 1, { records: page, askedAfter: run.startedAt }))
      const { stats } = await closeListing(store, run)
      deepEqual(
        (await allOf(store)).map(({ externalId, displayName }) => `${externalId} ${displayName}`),
        ['1 Told', '3 Old'],
      )
      deepEqual([stats.unchanged, stats.added, stats.excluded], [1, 1, 1])
    })

    test('a page overwrites what a webhook had said before it was asked for', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await take(store, refOf('1'), upsert(named('1', 'Told')))
      await take(store, refOf('2'), removal())
      await timePasses(1_000)
      const { stats, rows } = await overtake(
        harness,
        [named('1', 'New'), named('2', 'New')],
        async () => undefined,
      )
      deepEqual(rows, ['1 New', '2 New', 'first Name of first'])
      deepEqual([stats.updated, stats.added, stats.excluded], [1, 2, 0])
    })

    test('a page answers store time, which grows', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      const first = await store.resources.commitPage(pageOf(run, 1, { records: records('1') }))
      equal(first.at >= run.startedAt, true)
      await timePasses(0)
      const second = await store.resources.commitPage(pageOf(run, 2, { records: [] }))
      const repeated = await store.resources.commitPage(pageOf(run, 2, { records: [] }))
      deepEqual([second.at >= first.at, repeated.at >= second.at], [true, true])
    })
  })
}
