import { randomUUID } from 'node:crypto'
import {
  type PostgresUserDirectory,
  postgresUserDirectory,
  type UserTable,
  userIndexes,
} from '@syncline/adapter-postgres'
import { type CreatedUser, defaultTenantId, type NewUser } from '@syncline/core'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../../../test-support/server-database.ts'
import { hostSchema, hostUsers } from './host-users.ts'

interface Host {
  query<Row>(text: string, values?: unknown[]): Promise<readonly Row[]>
  readonly users: PostgresUserDirectory
  directory(users: UserTable | undefined): PostgresUserDirectory
  close(): Promise<void>
}

async function onPglite(): Promise<Host> {
  const pglite = await migratedPglite()
  return {
    query: async <Row>(text: string, values?: unknown[]) => (await pglite.query<Row>(text, values)).rows,
    users: postgresUserDirectory({ pglite, users: hostUsers }),
    directory: (users) => postgresUserDirectory({ pglite, users }),
    close: () => pglite.close(),
  }
}

async function onServer(): Promise<Host> {
  const database = await emptyServerDatabase({ migrated: true })
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  return {
    query: async <Row>(text: string, values?: unknown[]) => (await pool.query(text, values)).rows as Row[],
    users: postgresUserDirectory({ pool, users: hostUsers }),
    directory: (users) => postgresUserDirectory({ pool, users }),
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}

const owner = { tenantId: defaultTenantId }

const newUser = (email: string): NewUser => ({
  ...owner,
  actionId: randomUUID(),
  connectorId: 'hr',
  resourceType: 'user',
  externalId: email,
  email,
  displayName: `Name of ${email}`,
})

describe.each([
  ['PGlite', onPglite, true],
  ['a server', onServer, serverIsAvailable()],
] as const)("a host's own view and table of users, on %s", (_name, open, available) => {
  describe.skipIf(!available)('by the names of their columns', () => {
    let host: Host
    beforeAll(async () => {
      host = await open()
      for (const statement of hostSchema) await host.query(statement)
      const table = { schema: 'app', name: 'Account' }
      const columns = { id: 'accountId', email: 'mail', sub: 'subject', status: 'standing' }
      for (const statement of userIndexes({ users: { source: table, columns } })) await host.query(statement)
    })
    afterAll(() => host.close())
    beforeEach(async () => {
      await host.query(`insert into app."Account" (tenant, mail, subject, standing) values
        (7, 'Jane@Example.com', 'jane', 'enabled'), (7, 'joe@example.com', null, 'closed'),
        (7, 'locked@example.com', null, 'locked'), (8, 'jane@example.com', 'jane', 'enabled')`)
      await host.query(`insert into app.identity select "accountId", 'https://IdP.example', 'p-1'
        from app."Account" where tenant = 7 and mail = 'Jane@Example.com'`)
    })
    afterEach(() => host.query('with gone as (delete from app."Account") delete from syncline.user_action'))

    const idOf = async (mail: string): Promise<string> => {
      const [row] = await host.query<{ id: string }>(
        'select id::text as id from app.v_user where email = $1',
        [mail],
      )
      return row?.id ?? 'nobody'
    }
    const standingOf = async (userId: string): Promise<string | undefined> => {
      const [row] = await host.query<{ standing: string }>(
        'select standing::text as standing from app."Account" where "accountId" = $1',
        [userId],
      )
      return row?.standing
    }
    const createdBy = (wanted: readonly NewUser[]) =>
      host.users.createdBy(
        wanted.map(({ actionId }) => actionId),
        owner,
      )
    const change = async (kind: 'deactivate' | 'reactivate', userId: string, actionId = randomUUID()) =>
      (await host.users.changeStatus([{ ...owner, actionId, userId, kind }]))[0]

    test('users are found by every strategy, in the view only', async () => {
      const userId = await idOf('Jane@Example.com')
      const user = {
        userId,
        status: 'active',
        email: 'Jane@Example.com',
        sub: 'jane',
        upstreamId: 'p-1',
        upstreamIssuer: 'https://IdP.example',
      }
      for (const [strategy, key] of [
        ['email', { value: 'jane@example.com' }],
        ['email_and_issuer', { value: 'jane@example.com', issuer: 'https://idp.example' }],
        ['upstream_identity', { value: 'p-1' }],
        ['external_id', { value: 'jane' }],
      ] as const) {
        const keys = [{ value: 'nobody@example.com', ...('issuer' in key && { issuer: key.issuer }) }, key]
        expect(
          await host.users.findByKeys({ ...owner, strategy, keys, perKey: 10 }),
          `by ${strategy}`,
        ).toEqual([{ key: 1, user }])
      }
    })

    test("a status is told by the host's values; one of none counts as active", async () => {
      const keys = ['jane', 'joe', 'locked'].map((name) => ({ value: `${name}@example.com` }))
      const hits = await host.users.findByKeys({ ...owner, strategy: 'email', keys, perKey: 10 })
      const statuses = hits.map(({ user }) => `${user.email} ${user.status}`)
      expect(statuses.map((status) => status.toLowerCase()).toSorted()).toEqual([
        'jane@example.com active',
        'joe@example.com deactivated',
        'locked@example.com active',
      ])
    })

    test('an id that cannot be one of the table is nobody', async () => {
      expect(await host.users.get(['jane', '', '\0', randomUUID()], owner)).toEqual([])
      expect(await change('deactivate', "'; drop table app.users")).toMatchObject({ kind: 'missing' })
    })

    test('a user of the table that the view leaves out is nobody, and is never changed', async () => {
      const [row] = await host.query<{ id: string }>(
        'select "accountId"::text as id from app."Account" where tenant = 8',
      )
      expect(await change('deactivate', row?.id ?? '')).toMatchObject({ kind: 'missing' })
      expect(await standingOf(row?.id ?? '')).toBe('enabled')
    })

    test('users are made unconfirmed, with what the host wants in their columns', async () => {
      const made = await host.users.create([newUser('New@Example.com')])
      expect(made).toMatchObject([
        { kind: 'created', user: { status: 'unconfirmed', email: 'New@Example.com' } },
      ])
      const rows = await host.query(`select tenant, mail, "fullName" as name, standing::text as standing
        from app."Account" where mail = 'New@Example.com'`)
      expect(rows).toEqual([
        { tenant: 7, mail: 'New@Example.com', name: 'Name of New@Example.com', standing: 'invited' },
      ])
    })

    test('an e-mail that somebody has, in whatever case and status, is taken; the others of the call are made', async () => {
      const wanted = [
        'JANE@example.com',
        'JOE@example.com',
        'a@example.com',
        'A@example.com',
        'b@example.com',
      ].map(newUser)
      const kinds = (await host.users.create(wanted)).map(({ kind }) => kind)
      expect(kinds).toEqual(['email_taken', 'email_taken', 'created', 'email_taken', 'created'])
    })

    test('an action that made its user before answers that user', async () => {
      const wanted = ['a@example.com', 'b@example.com'].map(newUser)
      const once = await host.users.create(wanted)
      expect(await host.users.create(wanted)).toEqual(once)
      const userId = (made: CreatedUser | undefined): string =>
        made?.kind === 'created' ? made.user.userId : ''
      expect(await createdBy(wanted)).toHaveLength(2)
      await change('deactivate', userId(once[0]))
      const [again] = await host.users.create(wanted)
      expect(again).toMatchObject({
        kind: 'created',
        user: { userId: userId(once[0]), status: 'deactivated' },
      })
    })

    test('an action whose user the host has removed for good makes the user anew', async () => {
      const wanted = [newUser('a@example.com')]
      await host.users.create(wanted)
      await host.query(`delete from app."Account" where mail = 'a@example.com'`)
      expect(await host.users.create(wanted)).toMatchObject([{ kind: 'created' }])
      expect(await createdBy(wanted)).toHaveLength(1)
    })

    test('makers at the same time make one user for an e-mail', async () => {
      const calls = Array.from({ length: 6 }, (_, call) =>
        host.users.create([
          newUser(call % 2 ? 'SAME@example.com' : 'same@example.com'),
          newUser(`own${call}@example.com`),
        ]),
      )
      const made = (await Promise.all(calls)).flat().filter(({ kind }) => kind === 'created')
      expect(made).toHaveLength(7)
      const rows = await host.query(`select from app."Account" where lower(mail) = 'same@example.com'`)
      expect(rows).toHaveLength(1)
    })

    test('a user comes back with the very status it had', async () => {
      for (const [mail, standing] of [
        ['locked@example.com', 'locked'],
        ['Jane@Example.com', 'enabled'],
      ] as const) {
        const userId = await idOf(mail)
        expect(await change('deactivate', userId)).toMatchObject({
          kind: 'changed',
          from: 'active',
          to: 'deactivated',
        })
        expect(await standingOf(userId)).toBe('closed')
        expect(await change('reactivate', userId)).toMatchObject({
          kind: 'changed',
          from: 'deactivated',
          to: 'active',
        })
        expect(await standingOf(userId)).toBe(standing)
      }
      const joe = await idOf('joe@example.com')
      expect(
        await change('reactivate', joe),
        'closed by the host: what it was before is not known',
      ).toMatchObject({
        kind: 'changed',
        to: 'active',
      })
      expect(await standingOf(joe)).toBe('enabled')
    })

    test('an action changes a user once, whatever happened to the user since', async () => {
      const userId = await idOf('Jane@Example.com')
      const actionId = randomUUID()
      const changed = { actionId, kind: 'changed', from: 'active', to: 'deactivated' }
      expect(await change('deactivate', userId, actionId)).toEqual(changed)
      expect(await change('deactivate', userId)).toMatchObject({ kind: 'same' })
      await host.query(`update app."Account" set standing = 'enabled' where "accountId" = $1`, [userId])
      expect(await change('deactivate', userId, actionId)).toEqual(changed)
      expect(await standingOf(userId)).toBe('enabled')
    })

    test('at most perKey users for a key: those in use first, then by id', async () => {
      await host.query('drop index app."Account_tenant_lower_idx"')
      await host.query(`insert into app."Account" (tenant, mail, standing)
        select 7, 'twin@example.com', case when n % 2 = 0 then 'closed' else 'enabled' end::app.standing
        from generate_series(1, 8) n`)
      const keys = [{ value: 'twin@example.com' }, { value: 'jane@example.com' }]
      const hits = await host.users.findByKeys({ ...owner, strategy: 'email', keys, perKey: 6 })
      const twins = hits.filter(({ key }) => key === 0).map(({ user }) => user)
      expect(twins.map(({ status }) => status === 'deactivated')).toEqual([
        false,
        false,
        false,
        false,
        true,
        true,
      ])
      for (const part of [twins.slice(0, 4), twins.slice(4)]) {
        const ids = part.map(({ userId }) => userId)
        expect(ids).toEqual(ids.toSorted())
      }
      expect(hits.filter(({ key }) => key === 1)).toHaveLength(1)
      await host.query(`delete from app."Account" where mail = 'twin@example.com'`)
      await host.query('create unique index on app."Account" (tenant, lower(mail))')
    })

    test('a column or table that is not there is OPTIONS_INVALID, and says which', async () => {
      const wrong = [
        { ...hostUsers, columns: { ...hostUsers.columns, sub: 'subject_id' } },
        { ...hostUsers, created: { tenant: '7', region: 'eu' } },
        { ...hostUsers, target: { schema: 'app', name: 'accounts' } },
      ]
      for (const [place, named] of [
        /"subject_id" in app\.v_user/,
        /"region" in app\.Account/,
        /in app\.accounts/,
      ].entries()) {
        const users = host.directory(wrong[place])
        const refused = { code: 'OPTIONS_INVALID', message: expect.stringMatching(named) }
        const lookup = {
          ...owner,
          strategy: 'email',
          keys: [{ value: 'jane@example.com' }],
          perKey: 1,
        } as const
        await expect(users.findByKeys(lookup)).rejects.toMatchObject(refused)
        await users.close()
      }
    })

    test('70,000 keys at once are no more than one statement can take', async () => {
      const keys = Array.from({ length: 70_000 }, (_, number) => ({ value: `nobody${number}@example.com` }))
      keys.push({ value: 'jane@example.com' })
      const hits = await host.users.findByKeys({ ...owner, strategy: 'email', keys, perKey: 10 })
      expect(hits.map(({ key }) => key)).toEqual([70_000])
    })
  })
})

describe('a table of users', () => {
  test.each([
    ['neither status nor deactivatedAt', { id: 'id', email: 'email' }],
    ['an empty name', { id: '', email: 'email', status: 'status' }],
    ['an unknown column', { id: 'id', email: 'email', status: 'status', mail: 'x' }],
  ])('with %s is refused with OPTIONS_INVALID', async (_name, columns) => {
    const pool = new pg.Pool({ connectionString: 'postgres://nobody@localhost:1/none' })
    const users = { source: { schema: 'app', name: 'users' }, columns }
    expect(() => postgresUserDirectory({ pool, users })).toThrowError(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    )
    await pool.end()
  })
})
