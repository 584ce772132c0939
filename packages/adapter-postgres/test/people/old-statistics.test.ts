import { postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { createUuidV7, type MatchWrite } from '@syncline/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../../test-support/server-database.ts'
import { saveConnector, staff } from '../listing.ts'

/** That of the connector. */
const owner = { tenantId: 'tenant' }
const rows = 6_000
const perCommit = 2_000
const resourceId = '01890000-0000-7000-8000-00000000f00d'

const write = (number: number, version: number): MatchWrite => ({
  externalId: `e-${number}`,
  connectorResourceId: resourceId,
  externalDisplayName: `Name ${number}`,
  userId: `u-${number}`,
  matchStatus: 'matched',
  matchConfidence: 'exact',
  matchStrategy: 'email',
  evidence: [],
  version,
})

describe.skipIf(!serverIsAvailable())('with statistics from when the tables were empty', () => {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url, max: 2 })
    await pool.query('vacuum analyze')
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  /** Rows that were read by passing over whole tables. */
  const passedOver = async (): Promise<number> => {
    await pool.query('select pg_stat_force_next_flush()')
    const { rows: found } = await pool.query<{ read: string }>(`select sum(seq_tup_read) as read
      from pg_stat_user_tables where relname in ('connector_sync_match', 'local_user', 'lifecycle_action')`)
    return Number(found[0]?.read)
  }

  test('thousands of rows and users are looked up along indexes, never by passing over tables', async () => {
    const { people } = postgresStore({ pool })
    const users = postgresUserDirectory({ pool })
    if (!people) throw new Error('This store keeps people')
    await saveConnector(postgresStore({ pool }))
    await pool.query(`insert into syncline.local_user (tenant_id, id, email, sub)
      select 'tenant', 'u-' || n, 'u-' || n || '@example.com', 's-' || n from generate_series(0, ${rows - 1}) n`)
    const nextId = createUuidV7()
    for (const version of [0, 1]) {
      for (let first = 0; first < rows; first += perCommit) {
        const numbers = Array.from({ length: perCommit }, (_, place) => first + place)
        const matches = numbers.map((number) => write(number, version))
        const done = { status: 'done', connectorResourceId: resourceId, by: 'op', reason: 'r' } as const
        const actions = matches.slice(0, 100).map(({ externalId, userId }) => ({
          ...done,
          actionId: nextId(),
          kind: 'reactivate' as const,
          externalId,
          userId,
          before: {},
          after: {},
        }))
        const commit = { scope: staff, ...owner, matches, actions, settled: [], jobs: [] }
        expect(await people.commit(commit)).toEqual({ kind: 'committed' })
        const userIds = numbers.map((number) => `u-${number}`)
        const found = [
          await people.subjectsOf(
            staff,
            matches.map(({ externalId }) => externalId),
          ),
          await people.links(userIds, owner),
          await users.get(userIds, owner),
          await users.findByKeys({
            ...owner,
            strategy: 'email',
            keys: userIds.map((value) => ({ value: `${value}@example.com` })),
            perKey: 2,
          }),
          await users.findByKeys({
            ...owner,
            strategy: 'external_id',
            keys: numbers.map((number) => ({ value: `s-${number}` })),
            perKey: 2,
          }),
        ]
        expect(found.map(({ length }) => length)).toEqual(found.map(() => perCommit))
        expect(await people.lastActions(userIds, owner)).toHaveLength(100)
      }
    }
    expect(await passedOver()).toBeLessThan(rows)
  })
})
