import { globSync } from 'node:fs'
import { join } from 'node:path'
import { postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { createSyncline, type LocalUser, type Store, type Syncline, type UserDirectory } from '@syncline/core'
import { memoryStore, memoryUserDirectory } from '@syncline/core/memory'
import {
  createDirectory,
  directoryConnector,
  readSnapshot,
  replaySnapshot,
  startUpstream,
  type Upstream,
} from '@syncline/testing/upstream'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

// Real data that is not part of the project; the test is skipped where it is not beside it.
const folder =
  process.env.SYNCLINE_SNAPSHOTS ?? join(import.meta.dirname, '../../../shared/data/kubernetes-org')
// Half a year from one to the next; the last one is the mass removal.
const files = globSync('*.json', { cwd: folder })
  .toSorted()
  .filter((_, place, all) => place % 3 === 0 || place === all.length - 1)
const people = { connectorId: 'k8s', resourceType: 'user' }

interface Opened {
  readonly store: Store
  readonly users: UserDirectory
  readonly close: () => Promise<void>
}

/** The users of the host: members of the first snapshot, by their login. */
type Open = (logins: readonly string[]) => Promise<Opened>

const inMemory: Open = async (logins) => ({
  store: memoryStore(),
  users: memoryUserDirectory({
    users: logins.map((sub): LocalUser => ({ userId: `u-${sub}`, status: 'active', sub })),
  }),
  close: async () => {},
})

const insertUsers = `insert into syncline.local_user (id, sub) select 'u-' || g.sub, g.sub from unnest($1::text[]) as g(sub)`

const onPglite: Open = async (logins) => {
  const pglite = await migratedPglite()
  await pglite.query(insertUsers, [logins])
  return {
    store: postgresStore({ pglite }),
    users: postgresUserDirectory({ pglite }),
    close: () => pglite.close(),
  }
}

const onServer: Open = async (logins) => {
  const database = await emptyServerDatabase({ migrated: true })
  await database.query(insertUsers, [logins])
  const pool = new pg.Pool({ connectionString: database.url, max: 5 })
  const close = async (): Promise<void> => {
    await pool.end()
    await database.drop()
  }
  return { store: postgresStore({ pool }), users: postgresUserDirectory({ pool }), close }
}

describe.skipIf(files.length === 0)(
  'members of a real organisation over five years, and the users of the first day',
  () => {
    test.for([
      ['memory', inMemory, true],
      ['PGlite', onPglite, true],
      ['PostgreSQL', onServer, serverIsAvailable()],
    ] as const)(
      'joiners, leavers and returners end up right on %s',
      async ([, open, available], { skip }) => {
        if (!available) skip('no PostgreSQL server')
        const first = await readSnapshot(join(folder, files[0] ?? ''))
        const logins = first.users.map(({ id }) => id)
        const upstream = await startUpstream({ directory: createDirectory({ types: ['user', 'group'] }) })
        const { store, users, close } = await open(logins)
        try {
          await replay({ store, users, upstream, logins })
        } finally {
          await close()
          await upstream.close()
        }
      },
    )
  },
)

/** The defaults: a fifth of those linked, and ten in any case. */
const guardLimit = (linked: number): number => Math.max(10, Math.floor(linked / 5))

interface Replay extends Omit<Opened, 'close'> {
  readonly upstream: Upstream
  readonly logins: readonly string[]
}

async function replay({ store, users, upstream, logins }: Replay): Promise<void> {
  const syncline = createSyncline({ store, users, connectorTypes: [directoryConnector] })
  const config = { baseUrl: upstream.url, token: upstream.token }
  await syncline.connectors.save({ connectorId: 'k8s', type: directoryConnector.type, config })
  await syncline.configs.save({ ...people, userMatchStrategy: 'external_id', deactivateUsers: true })
  const known = new Set(logins)
  const joiners = new Set<string>()
  const guarded: string[] = []
  const tooMany: string[] = []
  const moves = { left: 0, returned: 0 }
  let present = known

  for (const file of files) {
    const snapshot = await readSnapshot(join(folder, file))
    replaySnapshot(upstream.directory, snapshot)
    const run = await syncline.sync(people)
    if (run.status === 'guarded') await syncline.runs.approve({ runId: run.runId, approvedBy: 'replay' })
    if (await approveDeactivations(syncline)) guarded.push(file)

    const now = new Set(snapshot.users.map(({ id }) => id))
    for (const login of now) if (!known.has(login)) joiners.add(login)
    const left = logins.filter((login) => present.has(login) && !now.has(login)).length
    moves.left += left
    if (left > guardLimit(logins.length)) tooMany.push(file)
    moves.returned += logins.filter((login) => !present.has(login) && now.has(login)).length
    present = now
    await expectRight({ syncline, users, file, logins, joiners, present })
  }

  expect(moves.left, 'people left').toBeGreaterThan(100)
  expect(moves.returned, 'people came back').toBeGreaterThan(0)
  expect(guarded, 'more than a fifth at once trips the guard, nothing else does').toEqual(tooMany)
  expect(tooMany, 'the mass removal is one of them').toContain(files.at(-1))
  const journal = await syncline.postSync.actions({ limit: 10_000 })
  const done = (kind: string): number =>
    journal.filter((action) => action.kind === kind && action.status === 'done').length
  expect(done('deactivate'), 'each leaver was deactivated once').toBe(moves.left)
  expect(done('reactivate'), 'each returner came back once').toBe(moves.returned)
  const again = await syncline.postSync.run(people)
  expect(again.stats, 'once more changes nothing').toMatchObject({
    changed: 0,
    deactivated: 0,
    reactivated: 0,
  })
}

/** Whether the guard of deactivations had tripped; then somebody approves the plan. */
async function approveDeactivations(syncline: Syncline): Promise<boolean> {
  const [latest] = await syncline.postSync.runs({ ...people, limit: 1 })
  if (latest?.status !== 'guarded') {
    expect(latest).toMatchObject({ status: 'success' })
    return false
  }
  expect(latest.error?.code).toBe('DEACTIVATION_GUARDED')
  const applied = await syncline.postSync.apply(await syncline.postSync.plan(people), {
    approvedBy: 'replay',
  })
  expect(applied.status).toBe('success')
  return true
}

async function expectRight(expected: {
  readonly syncline: Syncline
  readonly users: UserDirectory
  readonly file: string
  readonly logins: readonly string[]
  readonly joiners: ReadonlySet<string>
  readonly present: ReadonlySet<string>
}): Promise<void> {
  const { syncline, users, file, logins, joiners, present } = expected
  const found = await users.get(
    logins.map((login) => `u-${login}`),
    { tenantId: 'default' },
  )
  const active = found.flatMap(({ status, sub }) => (status === 'active' ? (sub ?? []) : []))
  expect(active.toSorted(), `${file}: who may sign in`).toEqual(
    logins.filter((login) => present.has(login)).toSorted(),
  )
  expect(found, `${file}: users`).toHaveLength(logins.length)
  const stats = await syncline.matches.stats(people)
  expect(stats, `${file}: rows`).toMatchObject({
    matched: logins.length,
    unmatched: joiners.size,
    ambiguous: 0,
  })
}
