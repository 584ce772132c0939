import { migrate, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { createSyncline, type PostSyncRun, type Syncline, type UserDirectory } from '@syncline/core'
import { scriptedConnector } from '@syncline/testing'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PrivateServer, privateServer } from '../../../../scripts/services.mjs'
import { serverIsAvailable } from '../../../../test-support/server-database.ts'
import { emptyTables } from '../empty-tables.ts'
import { staff } from '../listing.ts'

const people = 40
const soon = { timeout: 60_000, interval: 50 }

const directory = scriptedConnector({
  resourceTypes: {
    user: {
      pages: [
        Array.from({ length: people }, (_, place) => ({
          externalId: `e-${place + 1}`,
          displayName: `Person ${place + 1}`,
          email: `P${place + 1}@Example.com`,
          attributes: {},
        })),
      ],
    },
  },
})

/** What happens to one look-up. */
interface Trouble {
  /** Right before it is asked. */
  readonly before?: () => Promise<unknown>
  /** Once it has failed, before post-sync learns of it. */
  readonly after?: () => Promise<unknown>
}

describe.skipIf(!serverIsAvailable())('when the database server restarts in the middle of a look-up', () => {
  let server: PrivateServer
  let pool: pg.Pool
  let syncline: Syncline
  let looked: number
  let troubles: ReadonlyMap<number, Trouble>
  let crashing: Promise<void>

  beforeAll(async () => {
    // Its commits are synchronous: what was answered stays.
    server = await privateServer(['fsync=off', 'full_page_writes=off'])
  })
  afterAll(() => server?.stop())

  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: server.url, max: 4 })
    await migrate({ pool })
    await pool.query(emptyTables)
    await pool.query(`insert into syncline.local_user (id, email)
      select 'u-' || n, 'p' || n || '@example.com' from generate_series(1, ${people - 4}) n`)
    troubles = new Map()
    syncline = createSyncline({
      store: postgresStore({ pool }),
      users: troubled(postgresUserDirectory({ pool })),
      connectorTypes: [directory],
      limits: { postSyncBatch: 10, leaseMs: 1_000, recoveryPollMs: 100 },
    })
    await syncline.connectors.save({ connectorId: staff.connectorId, type: directory.type })
    // Two look-ups for each of the four slices; nobody is found by the first.
    const strategies = { userMatchStrategy: 'external_id', userMatchFallbackStrategies: ['email'] } as const
    // Whoever were taken for unknown would get a user.
    await syncline.configs.save({ ...staff, ...strategies, createUsers: true, deactivateUsers: true })
    await syncline.sync(staff)
    if ((await latest())?.stats.matched !== people) throw new Error('Not everybody was matched at first')
    looked = 0
    crashing = Promise.resolve()
  })
  afterEach(async () => {
    await syncline.stop()
    await pool.end()
  })

  const latest = async (): Promise<PostSyncRun | undefined> => (await syncline.postSync.runs(staff))[0]

  const troubled = (users: UserDirectory): UserDirectory => ({
    ...users,
    async findByKeys(lookup) {
      looked += 1
      const trouble = troubles.get(looked)
      await trouble?.before?.()
      try {
        return await users.findByKeys(lookup)
      } catch (error) {
        await trouble?.after?.()
        throw error
      }
    },
  })

  /** Match rows and users to the byte, with the transaction that wrote each. */
  const everything = async (): Promise<readonly unknown[]> => {
    const { rows } =
      await pool.query(`select m.xmin::text, m::text as row from syncline.connector_sync_match m
      union all select u.xmin::text, u::text from syncline.local_user u order by 2`)
    expect(rows).toHaveLength(2 * people)
    return rows
  }

  /** Locks the users, so that the look-up waits within the database, and ends the server under it. */
  const crashUnderTheLookUp = async (): Promise<void> => {
    const locker = new pg.Client({ connectionString: server.url })
    locker.on('error', () => {})
    await locker.connect()
    await locker.query('begin; lock table syncline.local_user in access exclusive mode')
    const crashOnceItWaits = async (): Promise<void> => {
      const waiting = async (): Promise<number | null> =>
        (await locker.query(`select from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount
      await expect.poll(waiting, soon).toBe(1)
      await server.end('SIGQUIT')
    }
    crashing = crashOnceItWaits()
  }

  const waysToFail: readonly (readonly [string, () => Promise<void>])[] = [
    ['between look-ups, before', () => server.end('SIGQUIT')],
    ['within', crashUnderTheLookUp],
  ]

  test.for(waysToFail.flatMap(([when, crash]) => [1, 4, 7].map((lookUp) => ({ when, crash, lookUp }))))(
    '$when look-up $lookUp: every match is as it was, the failure is recorded, and it is tried again',
    async ({ crash, lookUp }) => {
      const before = await everything()
      const after = async (): Promise<void> => {
        await crashing
        await server.start()
      }
      troubles = new Map([[lookUp, { before: crash, after }]])
      const failed = await syncline.postSync.run(staff)
      expect(looked, 'it was this look-up').toBe(lookUp)
      expect(failed).toMatchObject({ status: 'error', attempt: 1, error: { code: 'STORE_UNAVAILABLE' } })
      expect(failed.retryAt?.getTime()).toBeGreaterThan(Date.now())
      expect(await everything()).toEqual(before)

      // Its wait is over.
      await pool.query('update syncline.post_sync_run set retry_at = now() where retry_at is not null')
      await syncline.start()
      await expect.poll(latest, soon).toMatchObject({ status: 'success', attempt: 2, stats: { changed: 0 } })
      expect(await everything()).toEqual(before)
    },
  )

  test('and not even the failure can be written: the run is taken for abandoned, and it is tried again', async () => {
    const before = await everything()
    troubles = new Map([[3, { before: () => server.end('SIGQUIT') }]])
    await expect(syncline.postSync.run(staff)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await server.start()
    expect(await latest()).toMatchObject({ status: 'running' })
    expect(await everything()).toEqual(before)

    await syncline.start()
    await expect.poll(latest, soon).toMatchObject({ status: 'success', attempt: 2, stats: { changed: 0 } })
    const [, abandoned] = await syncline.postSync.runs(staff)
    expect(abandoned).toMatchObject({ status: 'error', error: { code: 'RUN_ABANDONED' } })
    expect(await everything()).toEqual(before)
  })

  test('and is back before the next one: connections that are gone are not asked', async () => {
    const before = await everything()
    const restart = async (): Promise<void> => {
      // The slice before may still be written; it is not what is cut here.
      await expect.poll(() => pool.idleCount, soon).toBe(pool.totalCount)
      await server.end('SIGQUIT')
      await server.start()
      await expect.poll(() => pool.idleCount, soon).toBe(0)
    }
    // Of the last slice: while another is decided, the next one is read.
    troubles = new Map([[8, { before: restart }]])
    expect(await syncline.postSync.run(staff)).toMatchObject({ status: 'success', stats: { changed: 0 } })
    expect(looked).toBe(8)
    expect(await everything()).toEqual(before)
  })
})
