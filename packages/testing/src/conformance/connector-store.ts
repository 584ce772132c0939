import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  connectorInput,
  defined,
  finishOf,
  otherStaff,
  pageOf,
  records,
  rejected,
  staff,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, changesOf, commitPages, fullPassOf, idsOf, prepareScopes, refuses } from './passes.ts'

export function testConnectorStore(suite: StoreSuite): void {
  storeCases(suite, 'ConnectorStore', (test) => {
    test('save inserts a connector and get returns it as saved', async ({ store }) => {
      const input = connectorInput('hr', {
        config: { baseUrl: 'https://hr.example', nested: { list: [1, 2.5, null, 'ü'] } },
        credentialRef: 'vault:hr',
        status: 'paused',
      })
      const saved = await store.connectors.save(input)
      const { createdAt, updatedAt, ...kept } = saved
      deepEqual(defined(kept), input)
      ok(createdAt instanceof Date && updatedAt >= createdAt)
      deepEqual(await store.connectors.get('hr'), saved)
    })

    test('save changes a connector by its id and keeps createdAt', async ({ store, timePasses }) => {
      await store.connectors.save(connectorInput('hr', { credentialRef: 'vault:hr' }))
      await timePasses(1000)
      const before = await store.connectors.get('hr')
      const saved = await store.connectors.save(connectorInput('hr', { name: 'Renamed' }))
      equal(saved.name, 'Renamed')
      equal(saved.credentialRef, 'vault:hr')
      deepEqual(saved.createdAt, before?.createdAt)
      ok(saved.updatedAt > saved.createdAt)
      equal((await store.connectors.list({})).length, 1)
    })

    test('save is idempotent', async ({ store }) => {
      const { updatedAt: _first, ...first } = await store.connectors.save(connectorInput('hr'))
      const { updatedAt: _second, ...second } = await store.connectors.save(connectorInput('hr'))
      deepEqual(second, first)
    })

    test('save keeps what it was given, whatever the caller changes afterwards', async ({ store }) => {
      const config = { list: ['a'] }
      const saved = await store.connectors.save(connectorInput('hr', { config }))
      config.list.push('b')
      saved.config.list = 'changed'
      deepEqual((await store.connectors.get('hr'))?.config, { list: ['a'] })
    })

    test('get answers undefined for an unknown connector', async ({ store }) => {
      equal(await store.connectors.get('nobody'), undefined)
    })

    test('get with a tenant answers a connector of that tenant only', async ({ store }) => {
      const saved = await store.connectors.save(connectorInput('hr', { tenantId: 'tenant-2' }))
      deepEqual(await store.connectors.get('hr', { tenantId: 'tenant-2' }), saved)
      equal(await store.connectors.get('hr', { tenantId: 'tenant-1' }), undefined)
      equal(await store.connectors.get('hr', { tenantId: '' }), undefined)
      deepEqual(await store.connectors.get('hr', { tenantId: undefined }), saved)
    })

    test('list is ordered by id, byte for byte, and filters by tenant', async ({ store }) => {
      for (const id of ['b', 'a', 'B', 'a-1', 'A_1']) await store.connectors.save(connectorInput(id))
      await store.connectors.save(connectorInput('c', { tenantId: 'tenant-2' }))
      const ids = async (tenantId?: string) =>
        (await store.connectors.list({ tenantId })).map(({ connectorId }) => connectorId)
      deepEqual(await ids(), ['A_1', 'B', 'a', 'a-1', 'b', 'c'])
      deepEqual(await ids('tenant-2'), ['c'])
      deepEqual(await ids('tenant-3'), [])
    })

    test('remove takes everything kept for the connector and nothing of another one', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, otherStaff)
      for (const scope of [staff, otherStaff]) {
        await fullPassOf(harness, records('1', '2'), { scope })
        const run = await begin(store, { scope })
        await store.resources.commitPage(pageOf(run, 1, { rejected: [rejected('3')] }))
        await store.runs.finish(finishOf(run))
      }
      equal(await store.connectors.remove(staff.connectorId), true)
      equal(await store.connectors.get(staff.connectorId), undefined)
      equal(await store.configs.get(staff), undefined)
      deepEqual(await store.runs.list({ connectorId: staff.connectorId, limit: 10 }), [])
      deepEqual(await idsOf(store, staff), [])
      deepEqual(await changesOf(store, staff), [])
      equal(await store.quarantine.count(staff), 0)

      ok(await store.configs.get(otherStaff))
      deepEqual(await idsOf(store, otherStaff), ['1', '2'])
      equal((await changesOf(store, otherStaff)).length, 2)
      equal(await store.quarantine.count(otherStaff), 1)
      equal((await store.runs.list({ limit: 10 })).length, 2)
    })

    test('remove answers false when there is none', async ({ store }) => {
      equal(await store.connectors.remove('nobody'), false)
    })

    test('a run whose connector was removed writes nothing, not even after it is saved again', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await store.connectors.remove(staff.connectorId)
      await refuses('LEASE_LOST', () => store.resources.commitPage(pageOf(run, 1, { records: records('1') })))
      await prepareScopes(store, staff)
      await refuses('LEASE_LOST', () => store.resources.commitPage(pageOf(run, 1, { records: records('1') })))
      const next = await begin(store)
      equal(next.generation, 1)
      await refuses('LEASE_LOST', () => commitPages(store, run, [{ records: records('1') }]))
      deepEqual(await idsOf(store), [])
    })
  })
}
