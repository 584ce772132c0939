import type { PGlite } from '@electric-sql/pglite'
import { postgresStore } from '@syncline/adapter-postgres'
import { type Store, syncConfigDefaults } from '@syncline/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../test-support/pglite-database.ts'
import { emptyTables } from './empty-tables.ts'
import { begin, checkpoint, fullPass, leaseOf, record, saveConnector, staff } from './listing.ts'
import { timePassesStatements } from './time-passes.ts'

describe('what hosts read with their own SQL', () => {
  let pglite: PGlite
  let store: Store

  beforeAll(async () => {
    pglite = await migratedPglite()
    store = postgresStore({ pglite })
  })
  afterAll(() => pglite.close())
  beforeEach(async () => {
    await pglite.query(emptyTables)
    await saveConnector(store)
  })

  const timePasses = async (): Promise<void> => {
    for (const statement of timePassesStatements) await pglite.query(statement, [10_000])
  }
  const rows = async (from: string) =>
    (await pglite.query<Record<string, unknown>>(`select * from ${from}`)).rows

  test('connector_resource has the documented columns', async () => {
    await fullPass(store, [record('1', 'One')])
    const [resource] = await rows('syncline.connector_resource')
    expect(Object.keys(resource ?? {})).toEqual([
      'id',
      'connector_id',
      'resource_type',
      'external_id',
      'display_name',
      'email',
      'attributes',
      'sync_hash',
      'stale_since',
      'synced_at',
      'created_at',
    ])
    expect(resource).toMatchObject({ connector_id: 'hr', resource_type: 'user', display_name: 'One' })
  })

  test('synced_at moves with every complete full pass, also of unchanged rows, and stands still once stale', async () => {
    const read = async () => {
      const found = await rows('syncline.connector_resource order by external_id')
      const resources = await store.resources.find({ ...staff, limit: 10 })
      expect(found.map((row) => row.synced_at)).toEqual(resources.map(({ syncedAt }) => syncedAt))
      return resources.map(({ syncedAt }) => syncedAt.getTime())
    }
    await fullPass(store, [record('1'), record('2')])
    const [firstKept, firstGone] = await read()
    await timePasses()
    const second = await fullPass(store, [record('1')])
    const [kept, gone] = await read()
    expect(kept).toBe(second.generationStartedAt.getTime())
    expect(kept).toBeGreaterThan(firstKept ?? Number.NaN)
    expect(gone).toBe((firstGone ?? 0) - 10_000)
    await timePasses()
    await fullPass(store, [record('1')])
    expect((await read())[1]).toBe((firstGone ?? 0) - 20_000)
    const written = await rows('syncline.resource_row where synced_at <> created_at and stale_since is null')
    expect(written, 'unchanged rows are not rewritten').toEqual([])
  })

  const lastSync = async () => (await rows('syncline.connector_sync_config'))[0]

  test('last_sync columns of connector_sync_config tell how the last run stands', async () => {
    await store.configs.save({
      config: {
        ...syncConfigDefaults,
        ...staff,
        enabled: true,
        removalGuard: null,
      },
      resetWatermark: false,
    })
    expect(await lastSync()).toMatchObject({
      last_sync_status: 'idle',
      last_sync_at: null,
      user_match_strategy: 'email',
    })
    await fullPass(store, [record('1')])
    expect(await lastSync()).toMatchObject({
      last_sync_status: 'success',
      last_sync_error: null,
      last_sync_stats: { added: 1, durationMs: 5 },
    })
    const run = await begin(store)
    expect(await lastSync()).toMatchObject({ last_sync_status: 'running' })
    await store.runs.finish({
      lease: leaseOf(run),
      status: 'error',
      checkpoint: { ...checkpoint(3), cursor: 'page\u0000-4' },
      timings: run.timings,
      durationMs: 1,
      resumable: true,
      complete: false,
      error: { code: 'UPSTREAM_TIMEOUT', message: 'gave\u0000 up' },
      confirmsScope: false,
      forgetSeen: false,
    })
    expect(await lastSync()).toMatchObject({
      last_sync_status: 'error',
      last_sync_error: 'gave\uFFFD up',
      last_sync_cursor: 'page\uFFFD-4',
    })
    expect((await store.runs.get(run.runId))?.checkpoint.cursor).toBe('page\u0000-4')
  })

  test('a resumed listing keeps its beginning to the microsecond', async () => {
    const first = await begin(store)
    await pglite.query(`update syncline.sync_run set generation_started_at = '2026-01-01 00:00:00.000123+00'`)
    const [stored] = await store.runs.list({ limit: 1 })
    await begin(store, {
      generation: first.generation,
      generationStartedAt: stored?.generationStartedAt,
      resumedFrom: first.runId,
    })
    const { rows: starts } = await pglite.query(
      'select distinct generation_started_at::text as t from syncline.sync_run',
    )
    expect(starts).toEqual([{ t: '2026-01-01 00:00:00.000123+00' }])
  })
})
