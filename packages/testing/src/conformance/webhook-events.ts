import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { type EventDecision, SyncError } from '@syncline/core'
import { otherStaff, pageOf, record, records, rejected, staff, teams, tenantId } from './builders.ts'
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
} from './passes.ts'
import { look, refOf, removal, take, takeRecord, upsert, webhooksOf } from './webhook-builders.ts'

export function testWebhookEvents(suite: StoreSuite): void {
  storeCases(suite, 'WebhookStore: events', (test) => {
    test('takeEvent carries the write out with its change and without a run, and says what it was', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const named = (displayName: string) => take(store, refOf('1'), upsert(record('1', { displayName })))
      deepEqual(await named('A'), { kind: 'taken', outcome: 'created' })
      deepEqual(await named('A'), { kind: 'taken', outcome: 'unchanged' })
      deepEqual(await named('B'), { kind: 'taken', outcome: 'updated' })
      await fullPassOf(harness, [])
      deepEqual(await named('B'), { kind: 'taken', outcome: 'restored' })
      deepEqual(await take(store, refOf('1'), removal()), { kind: 'taken', outcome: 'removed' })
      deepEqual(await take(store, refOf('1'), removal()), { kind: 'taken', outcome: 'absent' })
      deepEqual(await take(store, refOf('1'), { kind: 'take' }), { kind: 'taken', outcome: 'none' })
      deepEqual(await changesOf(store), ['created 1', 'updated 1', 'staled 1', 'restored 1', 'removed 1'])
      const changes = await store.changes.read({ scope: staff, after: 0, limit: 10 })
      deepEqual(
        changes.map(({ runId }) => runId !== undefined),
        [false, false, true, false, false],
      )
    })

    test('what takeEvent stores is confirmed now, also when nothing changed', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      await timePasses(60_000)
      const [before] = await allOf(store)
      await takeRecord(store, '1')
      const [after] = await allOf(store)
      ok(before && after && after.syncedAt.getTime() - before.syncedAt.getTime() >= 60_000)
    })

    test('nothing that takeEvent stores during a listing goes stale with it', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('unchanged', 'updated', 'gone'))
      await timePasses(1_000)
      const run = await begin(store)
      await takeRecord(store, 'created')
      await takeRecord(store, 'unchanged')
      await take(store, refOf('updated'), upsert(record('updated', { displayName: 'New' })))
      await commitPages(store, run, [{ records: [] }])
      await closeListing(store, run)
      equal(await sweep(store, run), 1)
      deepEqual(await idsOf(store), ['created', '-gone', 'unchanged', 'updated'])
    })

    test('takeEvent ends the quarantine of the id it stores', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await commitPages(store, run, [{ rejected: [rejected('1'), rejected('2', 1)] }])
      await takeRecord(store, '1')
      const left = await store.quarantine.list({ scope: staff, limit: 10 })
      deepEqual(
        left.map(({ externalId }) => externalId),
        ['2'],
      )
    })

    test('decide sees the resource and the mark, with when it was made, by store time', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const empty = await look(store, refOf('1'))
      deepEqual([empty.resource, empty.mark], [undefined, undefined])
      const occurredAt = new Date('2026-03-01T10:00:00.123Z')
      await takeRecord(store, '1', { version: 9_007_199_254_740_991, occurredAt })
      await timePasses(60_000)
      const seen = await look(store, refOf('1'))
      deepEqual(seen.resource, await store.resources.get(refOf('1')))
      const { at, ...mark } = seen.mark ?? { at: new Date(0) }
      deepEqual(mark, { version: 9_007_199_254_740_991, occurredAt })
      const age = seen.now.getTime() - at.getTime()
      ok(age >= 60_000 && age < 120_000, `the mark is ${age} ms old`)
      ok(seen.resource && seen.resource.syncedAt <= at, 'the mark is not older than what it came with')
    })

    test('a mark replaces the one before it, and stays where none is given', async ({ store }) => {
      await prepareScopes(store, staff)
      const occurredAt = new Date('2026-03-01T10:00:00Z')
      const markOf = async () => {
        const { at: _, ...mark } = (await look(store, refOf('1'))).mark ?? { at: undefined }
        return mark
      }
      await takeRecord(store, '1', { version: 3 })
      deepEqual(await markOf(), { version: 3 })
      await takeRecord(store, '1', { occurredAt })
      deepEqual(await markOf(), { occurredAt })
      await take(store, refOf('1'), { kind: 'take' })
      deepEqual(await markOf(), { occurredAt })
      await takeRecord(store, '1', {})
      deepEqual(await markOf(), {})
    })

    test('a mark keeps the first and the last instant that an event may have', async ({ store }) => {
      await prepareScopes(store, staff)
      for (const text of ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']) {
        await takeRecord(store, '1', { occurredAt: new Date(text) })
        equal((await look(store, refOf('1'))).mark?.occurredAt?.toISOString(), text)
      }
    })

    test('a mark keeps whether it is a lower bound', async ({ store }) => {
      await prepareScopes(store, staff)
      const isLowerBound = async () => (await look(store, refOf('1'))).mark?.isLowerBound ?? false
      await takeRecord(store, '1', { version: 3, isLowerBound: true })
      equal(await isLowerBound(), true)
      await take(store, refOf('1'), { kind: 'take' })
      equal(await isLowerBound(), true)
      await takeRecord(store, '1', { version: 3 })
      equal(await isLowerBound(), false)
      await take(store, refOf('1'), removal({ isLowerBound: true }))
      equal(await isLowerBound(), true)
    })

    test('a mark outlives its resource', async ({ store }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1', { version: 3 })
      await take(store, refOf('1'), removal({ version: 4 }))
      const { resource, mark } = await look(store, refOf('1'))
      deepEqual([resource, mark?.version], [undefined, 4])
    })

    test('marks belong to one resource of one scope', async ({ store }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      await takeRecord(store, '1', { version: 3 })
      for (const ref of [refOf('1', teams), refOf('1', otherStaff), refOf('2')]) {
        equal((await look(store, ref)).mark, undefined)
      }
    })

    test('the revision differs after each change of content, staleness or mark, and is equal otherwise', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const revisions: string[] = []
      const note = async () => revisions.push((await look(store, refOf('1'))).revision)
      await note()
      await takeRecord(store, '1', { version: 1 })
      await note()
      await takeRecord(store, '1', { version: 1 })
      await note()
      await take(store, refOf('1'), removal({ version: 1 }))
      await note()
      await store.resources.upsertOne({ scope: staff, record: record('1') })
      await note()
      await fullPassOf(harness, [record('1', { displayName: 'New' })])
      await note()
      await fullPassOf(harness, [])
      await note()
      equal(new Set(revisions).size, revisions.length)

      await takeRecord(store, '1', { version: 1 })
      const { revision } = await look(store, refOf('1'))
      await take(store, refOf('1'), { kind: 'take' })
      await takeRecord(store, '2', { version: 1 })
      await fullPassOf(harness, records('1', '2'))
      equal((await look(store, refOf('1'))).revision, revision)
    })

    test('an event that is deferred writes nothing, and its message may still be taken', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1', { version: 1 })
      const before = [await snapshot(store), (await look(store, refOf('1'))).mark]
      const request = { ...refOf('1'), tenantId, messageId: 'later' }
      const deferred = await webhooksOf(store).takeEvent(request, () => ({ kind: 'defer' }))
      equal(deferred.kind, 'deferred')
      deepEqual([await snapshot(store), (await look(store, refOf('1'))).mark], before)
      const { revision } = await look(store, refOf('1'))
      deepEqual(deferred, { kind: 'deferred', revision })
      deepEqual(await webhooksOf(store).takeEvent(request, () => removal()), {
        kind: 'taken',
        outcome: 'removed',
      })
    })

    test('nothing is written when decide throws, and its error is thrown', async ({ store }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1', { version: 1 })
      const before = await snapshot(store)
      const request = { ...refOf('1'), tenantId, messageId: 'bad' }
      const refuse = (): EventDecision => {
        throw new SyncError('WEBHOOK_INVALID', 'no')
      }
      await refuses('WEBHOOK_INVALID', () => webhooksOf(store).takeEvent(request, refuse))
      deepEqual(await snapshot(store), before)
      equal(await webhooksOf(store).noted({ connectorId: 'hr', messageId: 'bad' }), false)
    })

    test('an event that cannot be stored leaves nothing behind, neither its message nor its mark', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1', { version: 1 })
      const before = [await snapshot(store), await look(store, refOf('1'))]
      for (const externalId of ['1', '2']) {
        const broken = { ...record(externalId, { displayName: 'New' }), attributesJson: 'no JSON' }
        const request = { ...refOf(externalId), tenantId, messageId: `broken-${externalId}` }
        await rejects(webhooksOf(store).takeEvent(request, () => upsert(broken, { version: 2 })))
        equal(await webhooksOf(store).noted(request), false)
      }
      const { now: _, ...after } = await look(store, refOf('1'))
      const [rows, { now: _before, ...seen }] = before as [unknown, typeof after & { now: Date }]
      deepEqual([await snapshot(store), after], [rows, seen])
      equal((await look(store, refOf('2'))).mark, undefined)
    })

    test('takeEvent refuses a connector that is not there', async ({ store }) => {
      await refuses('CONNECTOR_NOT_FOUND', () => takeRecord(store, '1'))
    })

    test('takeEvent refuses an event of a tenant that the connector no longer belongs to', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1')
      const { connectorId } = staff
      await store.connectors.move({ connectorId, from: tenantId, to: 'tenant-2' })
      const before = await snapshot(store)
      await refuses('CONNECTOR_NOT_FOUND', () => takeRecord(store, '2'))
      deepEqual(await snapshot(store), before)
      const request = { ...refOf('2'), tenantId: 'tenant-2', messageId: 'of-the-new-owner' }
      equal((await webhooksOf(store).takeEvent(request, () => upsert(record('2')))).kind, 'taken')
    })

    test('events of one resource at the same time are taken one after the other', async ({ store }) => {
      await prepareScopes(store, staff)
      await takeRecord(store, '1', { version: 0 })
      const next = () =>
        take(store, refOf('1'), ({ mark }) => {
          const version = (mark?.version ?? 0) + 1
          return upsert(record('1', { displayName: `Version ${version}` }), { version })
        })
      await Promise.all(Array.from({ length: 8 }, next))
      const { mark, resource } = await look(store, refOf('1'))
      deepEqual([mark?.version, resource?.displayName], [8, 'Version 8'])
      notEqual((await changesOf(store)).length, 0)
    })

    test('a page that is stored after an event leaves its mark', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await takeRecord(store, '1', { version: 5 })
      await store.resources.commitPage(pageOf(run, 1, { records: records('1', '2') }))
      await closeListing(store, run)
      await finish(store, run)
      equal((await look(store, refOf('1'))).mark?.version, 5)
    })
  })
}
