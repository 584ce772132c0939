import { postgresProfileStore, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import {
  defaultTenantId,
  type LocalUser,
  type ProfileStore,
  type Store,
  type UserDirectory,
} from '@syncline/core'
import { memoryProfileStore, memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyTables } from '../../packages/adapter-postgres/test/empty-tables.ts'
import { setPeopleStage, staff } from '../../packages/core/test/post-sync/people-stage.ts'
import {
  fillElsewhere,
  type MoveHands,
  makeMove,
  type World,
  world,
} from '../../packages/core/test/post-sync/people-world.ts'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

/** The parts of a host over one kind of store, emptied and filled with users. */
interface Host {
  readonly options: { readonly store: Store; readonly users: UserDirectory; readonly profiles: ProfileStore }
  readonly allUsers: () => Promise<readonly LocalUser[]>
  readonly hands: MoveHands['users']
  readonly close: () => Promise<void>
}

type OpenHost = (users: readonly LocalUser[]) => Promise<Host>

const inMemory: OpenHost = async (given) => {
  const users = memoryUserDirectory({ users: given })
  return {
    options: { store: memoryStore(), users, profiles: memoryProfileStore() },
    allUsers: async () => users.all(),
    hands: users,
    async close() {},
  }
}

const putUsers = `insert into syncline.local_user (id, email, sub, upstream_id, upstream_issuer, status)
  select "userId", email, sub, "upstreamId", "upstreamIssuer", status from json_to_recordset($1::json) as given(
    "userId" text, email text, sub text, "upstreamId" text, "upstreamIssuer" text, status text)
  on conflict (tenant_id, id) do update set (email, sub, upstream_id, upstream_issuer, status)
    = (excluded.email, excluded.sub, excluded.upstream_id, excluded.upstream_issuer, excluded.status)`

type Query = (text: string, values?: unknown[]) => Promise<readonly { readonly id: string }[]>

const inTables =
  (connection: Parameters<typeof postgresStore>[0], query: Query, reset: () => Promise<unknown>): OpenHost =>
  async (given) => {
    await reset()
    await query(putUsers, [JSON.stringify(given)])
    const users = postgresUserDirectory(connection)
    const profiles = postgresProfileStore(connection)
    const store = postgresStore(connection)
    return {
      options: { store, users, profiles },
      hands: {
        put: (user) => query(putUsers, [JSON.stringify([user])]),
        remove: (userId) => query('delete from syncline.local_user where id = $1', [userId]),
      },
      async close() {
        for (const part of [store, users, profiles]) await part.close()
      },
      async allUsers() {
        const rows = await query('select id from syncline.local_user')
        return users.get(
          rows.map(({ id }) => id),
          { tenantId: defaultTenantId },
        )
      },
    }
  }

/** Everything that came of a world after every sync, with made users named after their address. */
async function play(one: World, open: OpenHost, postSyncBatch: number): Promise<unknown[]> {
  const { options, allUsers, hands, close } = await open(one.users)
  const stage = await setPeopleStage({
    settings: one.settings,
    manual: true,
    options: { ...options, limits: { postSyncBatch } },
  })
  await fillElsewhere(stage, one)
  const outcomes: unknown[] = []
  for (const [place, listing] of one.listings.entries()) {
    await stage.sync(...listing)
    await makeMove({ syncline: stage.syncline, users: hands }, one.moves[place])
    const run = await stage.syncline.postSync.run(staff)
    const users = await allUsers()
    const emails = new Map(users.map(({ userId, email }) => [userId, email]))
    const named = (userId: string | undefined): string | undefined =>
      userId === undefined || userId.startsWith('user-') ? userId : `made for ${emails.get(userId)}`
    const { data } = await stage.syncline.matches.list({ ...staff, pageSize: 100 })
    const actions = await stage.syncline.postSync.actions()
    const ids = users.map(({ userId }) => userId)
    const profiles = await options.profiles.read(ids, { tenantId: defaultTenantId })
    outcomes.push({
      status: run.status,
      stats: run.stats,
      guard: run.guard,
      rows: data.map(
        ({ externalId, matchStatus, matchConfidence, matchStrategy, evidence, problem, userId }) => ({
          externalId,
          matchStatus,
          matchConfidence,
          matchStrategy,
          evidence,
          problem: problem && { ...problem, userId: named(problem.userId) },
          userId: named(userId),
        }),
      ),
      users: users.map(({ userId, email, status }) => `${named(userId)} ${email} ${status}`).toSorted(),
      profiles: profiles
        .filter(({ version }) => version !== '')
        .map(({ userId, attributes, attributeSources }) =>
          JSON.stringify([named(userId), sorted(attributes), sorted(attributeSources)]),
        )
        .toSorted(),
      journal: actions
        .map(({ kind, status, externalId, userId }) => `${kind} ${status} ${externalId} ${named(userId)}`)
        .toSorted(),
    })
  }
  await close()
  return outcomes
}

const sorted = (fields: object): unknown =>
  Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1))

async function expectSameAsMemory(open: OpenHost, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(world, async (one) => {
      expect(await play(one, open, 2)).toEqual(await play(one, inMemory, 100))
    }),
    { numRuns },
  )
}

/** Declares the property, with so many worlds on each kind of database. */
export function comparePeopleStores({ onPglite, onServer }: { onPglite: number; onServer: number }): void {
  test(`PGlite: ${onPglite} worlds`, async () => {
    const pglite = await migratedPglite()
    const query: Query = async (text, values) => (await pglite.query<{ id: string }>(text, values)).rows
    await expectSameAsMemory(
      inTables({ pglite }, query, () => pglite.exec(emptyTables)),
      onPglite,
    )
    await pglite.close()
  })

  describe.skipIf(!serverIsAvailable())('PostgreSQL', () => {
    let pool: pg.Pool
    let drop: () => Promise<void>
    beforeAll(async () => {
      const database = await emptyServerDatabase({ migrated: true })
      pool = new pg.Pool({ connectionString: database.url, max: 4 })
      drop = () => database.drop()
    })
    afterAll(async () => {
      await pool.end()
      await drop()
    })

    test(`a server: ${onServer} worlds`, async () => {
      const query: Query = async (text, values) => (await pool.query<{ id: string }>(text, values)).rows
      await expectSameAsMemory(
        inTables({ pool }, query, () => pool.query(emptyTables)),
        onServer,
      )
    })
  })
}
