import { PGlite } from '@electric-sql/pglite'
import { migrate, postgresStore } from '@syncline/adapter-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { initial } from '../src/migrations/0001-initial.ts'
import { checkpoint, leaseOf, staff, zeroTimings } from './listing.ts'

let pglite: PGlite
beforeAll(async () => {
  pglite = await PGlite.create()
  await pglite.exec(`create schema syncline; create table syncline.schema_migration
    (version int primary key, name text not null, applied_at timestamptz not null default now());
    insert into syncline.schema_migration values (1, 'initial')`)
  for (const statement of initial.statements((name) => `syncline.${name}`)) await pglite.exec(statement)
})
afterAll(() => pglite.close())

/** Ids whose order is not that of the external ids. */
const id = (number: number): string => `0000000${9 - number}-0000-7000-8000-000000000000`

test('a run that is under way at version 1 goes on after the migration, and has forgotten nothing', async () => {
  await pglite.exec(`
    insert into syncline.connector_definition (id, tenant_id, type, name, config, status)
      values ('hr', 'tenant', 'scripted', 'hr', '{}', 'active');
    insert into syncline.sync_scope (connector_id, resource_type, generation, fencing_token, hash_recipe)
      values ('hr', 'user', 2, 7, 'recipe');
    insert into syncline.resource_row (id, scope_id, external_id, display_name, attributes, sync_hash, hash_epoch,
        written_generation, stale_since, synced_at, created_at)
      select i.id::uuid, 1, i.ext, i.ext, '{}', 'h', 0, 1, case when i.ext = 'stale' then now() end,
        now() - interval '1 day', now() - interval '1 day'
      from (values ('${id(1)}', 'kept'), ('${id(2)}', 'held'), ('${id(3)}', 'unseen'), ('${id(4)}', 'stale')) i(id, ext);
    insert into syncline.sync_run (run_id, scope_id, tenant_id, mode, status, generation, generation_started_at,
        fencing_token, started_at, lease_expires_at, checkpoint, timings, added, updated, unchanged, restored, staled,
        removed, excluded, quarantined, duration_ms, pages_processed, total_upstream_records, complete)
      values ('run', 1, 'tenant', 'full', 'running', 2, now(), 7, now(), now() + interval '1 hour',
        '${JSON.stringify(checkpoint(1))}', '${JSON.stringify(zeroTimings)}', 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 3, false);
    insert into syncline.seen_page (scope_id, generation, page_number, resource_ids, held_ids, excluded)
      values (1, 2, 1, array['${id(1)}']::uuid[], array['${id(2)}']::uuid[], '{filtered}');
    insert into syncline.quarantined_record (scope_id, external_id, generation, page_number, position, reason, detail,
        run_id, quarantined_at) values (1, 'held', 2, 1, 0, 'TOO_LARGE', 'is', 'run', now());`)

  await migrate({ pglite })

  const store = postgresStore({ pglite })
  const run = await store.runs.get('run')
  if (!run) throw new Error('the run is gone')
  const lease = leaseOf(run)
  const summary = await store.resources.closeListing({ lease, generation: 2, full: true })
  expect(summary).toMatchObject({ live: 3, unseen: 1, stats: { unchanged: 1, excluded: 1, quarantined: 1 } })
  const swept = await store.resources.markStale({
    lease,
    generation: 2,
    limit: 10,
    checkpoint: checkpoint(1),
  })
  expect(swept).toMatchObject({ count: 1, done: true })
  const stale = await store.resources.find({ ...staff, stale: true, limit: 10 })
  expect(stale.map(({ externalId }) => externalId)).toEqual(['stale', 'unseen'])
  const { rows } = await pglite.query(
    'select next_ordinal as ordinals, live_rows as live, stale_rows as stale from syncline.sync_scope',
  )
  expect(rows).toEqual([{ ordinals: 4, live: 2, stale: 2 }])
})
