import { PGlite } from '@electric-sql/pglite'
import { migrate, postgresStore } from '@syncline/adapter-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.ts'
import { checkpoint, leaseOf, staff, zeroTimings } from './listing.ts'

let pglite: PGlite
beforeAll(async () => {
  pglite = await PGlite.create()
  await pglite.exec(`create schema syncline; create table syncline.schema_migration
    (version int primary key, name text not null, applied_at timestamptz not null default now())`)
  for (const { version, name, statements } of migrations.filter((step) => step.version < 5)) {
    for (const statement of statements((named) => `syncline.${named}`)) await pglite.exec(statement)
    await pglite.exec(`insert into syncline.schema_migration values (${version}, '${name}')`)
  }
})
afterAll(() => pglite.close())

test('a schedule and a run under way at version 4 go on after the migration', async () => {
  await pglite.exec(`
    insert into syncline.connector_definition (id, tenant_id, type, name, config, status)
      values ('hr', 'tenant', 'scripted', 'hr', '{}', 'active');
    insert into syncline.connector_sync_config (connector_id, resource_type, enabled, strategy, cron_schedule,
        stale_retention, volatile_paths, page_size, removal_guard)
      values ('hr', 'user', true, 'full', '0 * * * *', '7d', '[]', 500, null);
    insert into syncline.sync_scope (connector_id, resource_type, generation, fencing_token) values ('hr', 'user', 2, 7);
    insert into syncline.sync_run (run_id, scope_id, tenant_id, mode, status, generation, generation_started_at,
        fencing_token, started_at, lease_expires_at, checkpoint, timings, added, updated, unchanged, restored, staled,
        removed, excluded, quarantined, duration_ms, pages_processed, total_upstream_records, complete)
      values ('run', 1, 'tenant', 'full', 'running', 2, now(), 7, now(), now() + interval '1 hour',
        '${JSON.stringify(checkpoint(1))}', '${JSON.stringify(zeroTimings)}', 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, false)`)

  await migrate({ pglite })

  const store = postgresStore({ pglite })
  const { scopes } = await store.schedules.list({ scope: staff, endedRuns: 3 })
  expect(scopes).toMatchObject([{ cronSchedule: '0 * * * *', plan: {}, planVersion: 0, endedRuns: [] }])
  const tickAt = new Date('2026-01-01T00:00:00Z')
  expect(await store.schedules.plan({ scope: staff, planVersion: 0, plan: { tickAt } })).toBe(true)
  expect((await store.configs.get(staff))?.nextRunAt).toEqual(tickAt)
  const run = await store.runs.get('run')
  if (!run) throw new Error('the run is gone')
  expect(await store.runs.renew(leaseOf(run))).toEqual({ held: true, cancelRequested: false })
})
