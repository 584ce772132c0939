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
        cronTimeZone: 'Europe/Berlin',
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
        userMatchStrategy: 'email_and_issuer',
        userMatchFallbackStrategies: ['external_id', 'email'],
        issuerSourcePath: 'attributes.idp.issuer',
        createUsers: true,
        createUserDefaults: { location: 'Remote', level: 1, tags: ['new', null] },
        deactivateUsers: true,
        deactivationGuard: { minUsers: 3, percent: 2.5, maxUsers: 100 },
        attributeMappings: [
          { sourcePath: 'email', targetField: 'title', writeMode: 'overwrite_if_empty', enabled: false },
          {
            sourcePath: 'attributes.a.b',
            targetField: 'Ü x',
            writeMode: 'overwrite_always',
            enabled: true,
            transform: 'upper()',
            clearWhenAbsent: true,
          },
        ],
        postSyncWorkflowId: 'workflow-1',
        syncTriggerMode: 'per_record',
      })
      const saved = await store.configs.save({ config, resetWatermark: false })
      const { createdAt, updatedAt, revision, ...kept } = saved
      deepEqual(defined(kept), config)
      ok(createdAt instanceof Date && updatedAt >= createdAt)
      ok(revision)
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
      const { createdAt, updatedAt, revision: _other, ...kept } = saved
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

    test('an issuer path and a schedule that were never given stay absent', async ({ store }) => {
      await prepareScopes(store, staff)
      const { issuerSourcePath: _never, ...config } = configInput(teams)
      const saved = await store.configs.save({ config, resetWatermark: false })
      equal(saved.issuerSourcePath, undefined)
      equal(saved.cronSchedule, undefined)
      deepEqual(await store.configs.get(teams), saved)
    })

    test('save gives a revision that no settings had before, and a run that ends leaves it', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const save = async () =>
        (await store.configs.save({ config: configInput(staff), resetWatermark: false })).revision
      const revisions = [await save(), await save()]
      await store.configs.remove(staff)
      revisions.push(await save())
      await finish(store, await begin(store), { watermark })
      equal((await store.configs.get(staff))?.revision, revisions[2])
      deepEqual(
        (await store.configs.list({})).map(({ revision }) => revision),
        [revisions[2]],
      )
      equal(new Set(revisions).size, 3)
    })

    test('save with what it replaces writes only over that, and nothing otherwise', async ({ store }) => {
      await prepareScopes(store, staff)
      const save = (pageSize: number, replaces: string | null) =>
        store.configs.save({ config: configInput(teams, { pageSize }), resetWatermark: false, replaces })
      const first = await save(1, null)
      await refuses('PRECONDITION_FAILED', () => save(2, null))
      const second = await save(3, first.revision)
      await refuses('PRECONDITION_FAILED', () => save(4, first.revision))
      deepEqual(await store.configs.get(teams), second)
      equal(second.pageSize, 3)
      await store.configs.remove(teams)
      await refuses('PRECONDITION_FAILED', () => save(5, second.revision))
      equal(await store.configs.get(teams), undefined)
    })

    test('of saves at once that replace the same settings, one wins', async ({ store }) => {
      await prepareScopes(store, staff)
      const race = async (replaces: string | null) => {
        const answers = await Promise.allSettled(
          [1, 2, 3, 4].map((pageSize) =>
            store.configs.save({ config: configInput(teams, { pageSize }), resetWatermark: false, replaces }),
          ),
        )
        const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
        deepEqual(won, [await store.configs.get(teams)])
        return won[0]?.revision ?? null
      }
      ok(await race(await race(null)))
    })

    test('remove with a revision takes those settings only', async ({ store }) => {
      await prepareScopes(store, staff)
      const save = async () =>
        (await store.configs.save({ config: configInput(teams), resetWatermark: false })).revision
      const first = await save()
      const second = await save()
      await refuses('PRECONDITION_FAILED', () => store.configs.remove(teams, first))
      equal((await store.configs.get(teams))?.revision, second)
      equal(await store.configs.remove(teams, second), true)
      equal(await store.configs.remove(teams, second), false)
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
