import { deepEqual, equal, ok } from 'node:assert/strict'
import { configInput, defined, otherStaff, records, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, fullPassOf, idsOf, prepareScopes, refuses } from './passes.ts'

const watermark = '2026-02-03T04:05:06.789Z'

export function testSyncConfigStore(suite: StoreSuite): void {
  storeCases(suite, 'SyncConfigStore', (test) => {
    test('save inserts settings and get returns them as saved', async ({ store }) => {
      await prepareScopes(store, staff)
      const config = configInput(teams, {
        enabled: false,
        strategy: 'incremental',
        cronSchedule: '*/5 * * * *',
        filterRules: {
          groupNamePattern: 'Tëam *',
          groupIds: ['1', '01'],
          emailDomains: ['a.example'],
          memberOfSyncedGroups: true,
          maxRecords: 10,
        },
        staleRetention: '12h',
        volatilePaths: ['attributes.lastLogin'],
        pageSize: 77,
        removalGuard: null,
      })
      const saved = await store.configs.save({ config, resetWatermark: false })
      const { createdAt, updatedAt, ...kept } = saved
      deepEqual(defined(kept), config)
      ok(createdAt instanceof Date && updatedAt >= createdAt)
      deepEqual(await store.configs.get(teams), saved)
    })

    test('save replaces by scope and keeps createdAt', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const full = configInput(staff, { cronSchedule: '0 * * * *', filterRules: { maxRecords: 1 } })
      await store.configs.save({ config: full, resetWatermark: false })
      await timePasses(1000)
      const before = await store.configs.get(staff)
      const config = configInput(staff, { removalGuard: { minRows: 1, percent: 2.5 } })
      const saved = await store.configs.save({ config, resetWatermark: false })
      const { createdAt, updatedAt, ...kept } = saved
      deepEqual(defined(kept), config)
      deepEqual(createdAt, before?.createdAt)
      ok(updatedAt > createdAt)
    })

    test('save throws CONNECTOR_NOT_FOUND for an unknown connector and writes nothing', async ({ store }) => {
      await refuses('CONNECTOR_NOT_FOUND', () =>
        store.configs.save({ config: configInput(staff), resetWatermark: false }),
      )
      deepEqual(await store.configs.list({}), [])
    })

    test('save keeps the watermark unless it is reset', async ({ store }) => {
      await prepareScopes(store, staff)
      await finish(store, await begin(store), { watermark })
      const save = (resetWatermark: boolean) =>
        store.configs.save({ config: configInput(staff, { pageSize: 5 }), resetWatermark })
      equal((await save(false)).watermark, watermark)
      equal((await store.configs.get(staff))?.watermark, watermark)
      equal((await save(true)).watermark, undefined)
      equal((await store.configs.get(staff))?.watermark, undefined)
    })

    test('get answers undefined for a scope without settings', async ({ store }) => {
      await prepareScopes(store, staff)
      equal(await store.configs.get(teams), undefined)
      equal(await store.configs.get(otherStaff), undefined)
    })

    test('list is ordered by connector id, then resource type, and filters by connector', async ({
      store,
    }) => {
      await prepareScopes(store, otherStaff, staff, teams)
      const scopes = async (connectorId?: string) =>
        (await store.configs.list({ connectorId })).map((config) => [config.connectorId, config.resourceType])
      deepEqual(await scopes(), [
        ['hr', 'group'],
        ['hr', 'user'],
        ['hr-2', 'user'],
      ])
      deepEqual(await scopes('hr-2'), [['hr-2', 'user']])
    })

    test('remove takes the settings; resources and history stay', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff, teams)
      const run = await fullPassOf(harness, records('1'))
      equal(await store.configs.remove(staff), true)
      equal(await store.configs.get(staff), undefined)
      ok(await store.configs.get(teams))
      deepEqual(await idsOf(store), ['1'])
      ok(await store.runs.get(run.runId))
      equal(await store.configs.remove(staff), false)
    })
  })
}
