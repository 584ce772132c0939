import { PGlite } from '@electric-sql/pglite'
import {
  migrate,
  postgresProfileStore,
  postgresStore,
  postgresUserDirectory,
} from '@syncline/adapter-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrations } from '../src/migrations/index.ts'

const actionId = '01890000-0000-7000-8000-000000000001'
const resourceId = '01890000-0000-7000-8000-00000000f00d'

let pglite: PGlite
beforeAll(async () => {
  pglite = await PGlite.create()
  await pglite.exec(`create schema syncline; create table syncline.schema_migration
    (version int primary key, name text not null, applied_at timestamptz not null default now())`)
  for (const { version, name, statements } of migrations.filter((step) => step.version < 12)) {
    for (const statement of statements((named) => `syncline.${named}`)) await pglite.exec(statement)
    await pglite.exec(`insert into syncline.schema_migration values (${version}, '${name}')`)
  }
})
afterAll(() => pglite.close())

test('users, actions and jobs of version 11 belong to the tenant of their connector after the migration', async () => {
  await pglite.exec(`
    insert into syncline.connector_definition (id, tenant_id, type, name, config, status)
      values ('hr', 'north', 'scripted', 'hr', '{}', 'active');
    insert into syncline.local_user (id, email) values ('u-1', 'ann@x.example');
    insert into syncline.user_profile (user_id, attributes) values ('u-1', '{"title":"Boss"}');
    insert into syncline.user_action (action_id, directory, kind, user_id, to_status)
      values ('${actionId}', '["syncline","local_user"]', 'create', 'u-1', 'unconfirmed');
    insert into syncline.lifecycle_action (action_id, connector_id, resource_type, external_id, kind, status, user_id,
        connector_resource_id, actor, reason, before, after, at)
      values ('${actionId}', 'hr', 'user', '1', 'create', 'done', 'u-1', '${resourceId}', 'post-sync', 'r', '{}', '{}',
        now()),
        (gen_random_uuid(), 'gone', 'user', '1', 'deactivate', 'done', 'u-2', '${resourceId}', 'post-sync', 'r', '{}',
        '{}', now());
    insert into syncline.workflow_job (idempotency_key, payload)
      values ('1', '{"connectorId":"hr","resourceType":"user","workflowId":"w","triggerMode":"summary"}')`)

  await migrate({ pglite })

  const { people } = postgresStore({ pglite })
  expect(await people?.lastActions(['u-1'], { tenantId: 'north' })).toMatchObject([
    { actionId, tenantId: 'north' },
  ])
  expect(await people?.lastActions(['u-2'], { tenantId: 'default' })).toHaveLength(1)
  expect(await people?.claimJobs({ limit: 1, leaseMs: 1000 })).toMatchObject([{ tenantId: 'north' }])
  const owner = { tenantId: 'default' }
  const users = postgresUserDirectory({ pglite })
  expect(await users.get(['u-1'], owner)).toMatchObject([{ email: 'ann@x.example' }])
  expect(await users.get(['u-1'], { tenantId: 'north' })).toEqual([])
  const [profile] = await postgresProfileStore({ pglite }).read(['u-1'], owner)
  expect(profile?.attributes).toEqual({ title: 'Boss' })
})
