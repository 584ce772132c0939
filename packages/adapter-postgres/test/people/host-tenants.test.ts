import { randomUUID } from 'node:crypto'
import type { PGlite } from '@electric-sql/pglite'
import {
  type PostgresUserDirectory,
  postgresProfileStore,
  postgresUserDirectory,
  type UserTable,
  userIndexes,
} from '@syncline/adapter-postgres'
import { defaultTenantId, type NewUser } from '@syncline/core'
import { testProfileStore, testUserDirectory } from '@syncline/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'

const schema = `create schema app;
  create table app.member (id uuid default gen_random_uuid(), org varchar(40) not null, mail text, subject text,
    up_id text, up_issuer text, status text not null default 'active', primary key (org, id));
  create unique index on app.member (org, lower(mail));
  create table app.person (id text, org text, extra jsonb, sources jsonb, primary key (org, id));
  create table app.account (id uuid primary key default gen_random_uuid(), org uuid not null, mail text unique,
    status text not null default 'active');
  create table app.plain (id text primary key default gen_random_uuid()::text, mail text,
    status text not null default 'active')`

const members: UserTable = {
  source: { schema: 'app', name: 'member' },
  columns: {
    id: 'id',
    tenantId: 'org',
    email: 'mail',
    sub: 'subject',
    upstreamId: 'up_id',
    upstreamIssuer: 'up_issuer',
    status: 'status',
  },
}
const accounts: UserTable = {
  source: { schema: 'app', name: 'account' },
  columns: { id: 'id', tenantId: 'org', email: 'mail', status: 'status' },
}
const plain: UserTable = {
  source: { schema: 'app', name: 'plain' },
  columns: { id: 'id', email: 'mail', status: 'status' },
}

const newUser = (tenantId: string, email: string): NewUser => ({
  tenantId,
  actionId: randomUUID(),
  connectorId: 'hr',
  resourceType: 'user',
  externalId: email,
  email,
  displayName: email,
})

let pglite: PGlite
beforeAll(async () => {
  pglite = await migratedPglite()
  await pglite.exec(schema)
})
afterAll(() => pglite.close())
beforeEach(async () => {
  await pglite.exec(`delete from app.member; delete from app.account; delete from app.plain; delete from app.person;
    delete from syncline.user_action`)
})

describe("a host's own table with a column of tenants", () => {
  testUserDirectory({
    describe,
    test,
    createDirectory: async () => {
      const directory = postgresUserDirectory({ pglite, users: members })
      return {
        directory,
        async insert(users) {
          const rows = users.map(({ userId = randomUUID(), tenantId = defaultTenantId, ...rest }) => {
            const { email, sub, upstreamId, upstreamIssuer, status } = rest
            const upstream = { up_id: upstreamId, up_issuer: upstreamIssuer }
            return { id: userId, org: tenantId, mail: email, subject: sub, status, ...upstream }
          })
          await pglite.query('drop index if exists app.member_org_lower_idx')
          await pglite.query(
            'insert into app.member select * from json_populate_recordset(null::app.member, $1)',
            [JSON.stringify(rows)],
          )
          return users.map((user, place) => ({ userId: rows[place]?.id ?? '', ...user }))
        },
        async close() {
          await directory.close()
          await pglite.exec(`delete from app.member; delete from syncline.user_action;
            create unique index if not exists member_org_lower_idx on app.member (org, lower(mail))`)
        },
      }
    },
  })
  testProfileStore({
    describe,
    test,
    createProfiles: async () => {
      await pglite.query('delete from app.person')
      const columns = { userId: 'id', tenantId: 'org', attributes: 'extra', attributeSources: 'sources' }
      const table = { schema: 'app', name: 'person' }
      const profiles = postgresProfileStore({ pglite, profiles: { table, columns } })
      return { profiles, userIds: ['u-1', 'u-2'], close: () => profiles.close() }
    },
  })

  test('a tenant that the column cannot contain is refused, and one that it can is served', async () => {
    const users = postgresUserDirectory({ pglite, users: accounts })
    const refused = { code: 'TENANT_NOT_SERVED', message: expect.stringMatching(/"acme".*"org".*uuid/) }
    await expect(users.create([newUser('acme', 'a@x.example')])).rejects.toMatchObject(refused)
    const tenantId = randomUUID()
    const [made] = await users.create([newUser(tenantId, 'a@x.example')])
    expect(made).toMatchObject({ kind: 'created', user: { tenantId } })
    expect((await pglite.query('select org, mail from app.account')).rows).toEqual([
      { org: tenantId, mail: 'a@x.example' },
    ])
  })

  test('an e-mail that a unique index over all tenants refuses is taken, and the others are made', async () => {
    const users = postgresUserDirectory({ pglite, users: accounts })
    const [north, south] = [randomUUID(), randomUUID()]
    await users.create([newUser(north, 'a@x.example')])
    const made = await users.create([newUser(south, 'a@x.example'), newUser(south, 'b@x.example')])
    expect(made.map(({ kind }) => kind)).toEqual(['email_taken', 'created'])
    const lookup = { strategy: 'email', keys: [{ value: 'a@x.example' }], perKey: 1 } as const
    expect(await users.findByKeys({ tenantId: south, ...lookup })).toEqual([])
  })

  test('the indexes of a user table end with the tenant, and are made once', async () => {
    const statements = userIndexes({ users: members })
    for (const statement of [...statements, ...statements]) await pglite.query(statement)
    const { rows } = await pglite.query<{ indexdef: string }>(
      `select indexdef from pg_indexes where tablename = 'member' and indexname like 'syncline%' order by 1`,
    )
    for (const { indexdef } of rows) expect(indexdef).toMatch(/ USING btree \(.*, org\)$/)
    expect(rows).toHaveLength(3)
  })
})

describe('a table without a column of tenants', () => {
  const calls = (users: PostgresUserDirectory, tenantId: string): readonly (() => Promise<unknown>)[] => [
    () => users.findByKeys({ tenantId, strategy: 'email', keys: [{ value: 'a@x.example' }], perKey: 1 }),
    () => users.get(['u-1'], { tenantId }),
    () => users.create([newUser(tenantId, 'b@x.example')]),
    () => users.createdBy([randomUUID()], { tenantId }),
    () => users.changeStatus([{ tenantId, actionId: randomUUID(), userId: 'u-1', kind: 'deactivate' }]),
  ]

  test.each([
    { onlyTenant: undefined, served: 'default', other: 'acme' },
    { onlyTenant: 'acme', served: 'acme', other: 'default' },
  ])(
    'serves tenant $served, and every call of another tenant is refused',
    async ({ onlyTenant, served, other }) => {
      await pglite.query(`insert into app.plain values ('u-1', 'a@x.example', 'active')`)
      const users = postgresUserDirectory({ pglite, users: { ...plain, onlyTenant } })
      const refused = {
        code: 'TENANT_NOT_SERVED',
        message: expect.stringMatching(/columns\.tenantId.*onlyTenant/),
      }
      for (const call of calls(users, other)) await expect(call()).rejects.toMatchObject(refused)
      expect((await pglite.query('select * from app.plain')).rows).toHaveLength(1)
      const [found] = await users.get(['u-1'], { tenantId: served })
      expect([found?.tenantId ?? 'default', found?.status]).toEqual([served, 'active'])
      for (const call of calls(users, served)) await call()
      expect((await users.get(['u-1'], { tenantId: served }))[0]?.status).toBe('deactivated')
    },
  )

  test('of profiles serves the declared tenant only', async () => {
    const table = { schema: 'app', name: 'person' }
    const columns = { userId: 'id', attributes: 'extra', attributeSources: 'sources' }
    const profiles = postgresProfileStore({ pglite, profiles: { table, columns, onlyTenant: 'acme' } })
    expect(await profiles.read(['u-1'], { tenantId: 'acme' })).toHaveLength(1)
    const refused = { code: 'TENANT_NOT_SERVED' }
    await expect(profiles.read(['u-1'], { tenantId: 'default' })).rejects.toMatchObject(refused)
    const write = { tenantId: 'other', userId: 'u-1', version: '', changes: [] }
    await expect(profiles.write([write])).rejects.toMatchObject(refused)
  })

  test('a column and a declared tenant exclude each other', () => {
    const both = { ...members, onlyTenant: 'acme' }
    expect(() => postgresUserDirectory({ pglite, users: both })).toThrow(/exclude each other/)
  })
})
