import { postgresProfileStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'

test('columns of the host may have a dot in their names', async () => {
  const pglite = await migratedPglite()
  await pglite.exec(`create table public."app.user" ("user.id" text primary key, "e.mail" text, "is.closed" timestamptz);
    create table public."app.profile" ("user.id" text primary key, "all.fields" json, "from.where" json, "job.title" text);
    insert into public."app.user" values ('u', 'ada@example.com', null);
    insert into public."app.profile" values ('u', '{}', '{}', null)`)
  const users = postgresUserDirectory({
    pglite,
    users: {
      source: { schema: 'public', name: 'app.user' },
      columns: { id: 'user.id', email: 'e.mail', deactivatedAt: 'is.closed' },
    },
  })
  const profiles = postgresProfileStore({
    pglite,
    profiles: {
      table: { schema: 'public', name: 'app.profile' },
      columns: {
        userId: 'user.id',
        attributes: 'all.fields',
        attributeSources: 'from.where',
        fields: { title: 'job.title' },
      },
    },
  })
  const tenantId = 'default'
  const email = { tenantId, strategy: 'email', keys: [{ value: 'ada@example.com' }], perKey: 1 } as const
  expect(await users.findByKeys(email)).toMatchObject([{ user: { userId: 'u', status: 'active' } }])
  const change = { tenantId, actionId: crypto.randomUUID(), userId: 'u', kind: 'deactivate' } as const
  expect(await users.changeStatus([change])).toMatchObject([{ kind: 'changed', to: 'deactivated' }])
  const [before] = await profiles.read(['u'], { tenantId })
  const source = { source: 'connector', connectorId: 'hr', resourceType: 'user' } as const
  const changes = [{ field: 'title', from: undefined, to: 'Countess', source }]
  expect(await profiles.write([{ tenantId, userId: 'u', version: before?.version ?? '', changes }])).toEqual([
    'u',
  ])
  expect(await profiles.read(['u'], { tenantId })).toMatchObject([{ attributes: { title: 'Countess' } }])
  await pglite.close()
})
