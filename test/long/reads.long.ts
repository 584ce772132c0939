import { buildSearchIndex, dropSearchIndex, postgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type ResourceQuery, type Store, type Syncline } from '@syncline/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

const rows = Number(process.env.SYNCLINE_RECORDS ?? 1_000_000)
const rounds = 20
/** Rounds on one connection, which is asked for the blocks it touched. */
const counts = 3
const pageSize = 20

/** What the planner believes: nothing, what was true of another scope, the truth. */
const statistics: readonly (readonly [string, readonly string[]])[] = [
  ['stale', []],
  [
    'never taken',
    [
      `delete from pg_statistic where starelid in (select oid from pg_class where relname in ('resource_row', 'resource_row_search'))`,
      `update pg_class set reltuples = -1, relallvisible = 0 where relname = 'resource_row'`,
    ],
  ],
  ['fresh', ['vacuum analyze syncline.resource_row', 'vacuum analyze syncline.sync_scope']],
]

interface Read {
  readonly name: string
  /** Blocks of the table and its indexes it may touch, on the average. */
  readonly blocks: number
  /** Before the first vacuum, index entries must be looked up in the table. */
  readonly vacuumed?: boolean
  readonly run: (syncline: Syncline, store: Store, round: number) => Promise<unknown>
}

/** 32 hexadecimal digits, as the ids of the test are: in no order that the table has. */
const anywhere = (round: number): string => ((round * 7919) % 256).toString(16).padStart(2, '0')

function readsOf(scope: { connectorId: string; resourceType: string }, inScope: number): readonly Read[] {
  const list = (query: Partial<ResourceQuery> & { page?: number }) => (syncline: Syncline) =>
    syncline.resources.list({ ...scope, pageSize, ...query })
  const lastPage = Math.ceil(inScope / pageSize)
  const walk = 6 * Math.ceil(Math.sqrt(pageSize * inScope)) + 6_000
  return [
    { name: 'first page', blocks: 150, run: list({}) },
    { name: 'first page of live ones', blocks: 150, run: list({ stale: false }) },
    { name: 'first page of stale ones', blocks: 150, run: list({ stale: true }) },
    { name: 'numbered page 100', blocks: 2_600, run: list({ page: Math.min(100, lastPage) }) },
    { name: 'last page', blocks: 150, run: list({ page: lastPage }) },
    { name: 'page at half', blocks: 0.3 * inScope, vacuumed: true, run: list({ page: lastPage >> 1 }) },
    {
      name: 'page at half of live ones',
      blocks: 0.3 * inScope,
      vacuumed: true,
      run: list({ page: lastPage >> 1, stale: false }),
    },
    {
      name: 'slice after an id',
      blocks: 150,
      run: (_, store, round) =>
        store.resources.find({ ...scope, limit: pageSize, after: { ...scope, externalId: anywhere(round) } }),
    },
    {
      name: 'slice of 1,000 after an id',
      blocks: 2_600,
      run: (_, store, round) =>
        store.resources.find({ ...scope, limit: 1_000, after: { ...scope, externalId: anywhere(round) } }),
    },
    {
      name: 'by external id',
      blocks: 20,
      run: (_, store, round) => store.resources.get({ ...scope, externalId: anywhere(round) }),
    },
    { name: 'search all have', blocks: walk, run: list({ search: 'PERSON' }) },
    { name: 'search a fifth have', blocks: walk, run: list({ search: 'lovelace' }) },
    { name: 'search one of 100', blocks: walk * 2, run: list({ search: 'team 7@' }) },
    { name: 'search two letters', blocks: walk, run: list({ search: 'ER' }) },
    {
      name: 'search one of 4,096',
      blocks: walk * 2,
      run: (syncline, _, round) => list({ search: `person ${anywhere(round)}b` })(syncline),
    },
    {
      name: 'search rare',
      blocks: walk * 2,
      run: (syncline, _, round) => list({ search: `${anywhere(round)}${anywhere(round + 1)}e.x` })(syncline),
    },
    { name: 'search nothing has', blocks: walk * 2, run: list({ search: 'nobody-is-called-so' }) },
    { name: 'search rare, stale only', blocks: walk * 2, run: list({ search: 'person abc', stale: true }) },
  ]
}

const insertRows = (scopes: number): string => `insert into syncline.resource_row (id, scope_id, ordinal,
    external_id, display_name, email, attributes, sync_hash, hash_epoch, written_generation, stale_since)
  select gen_random_uuid(), s.id, n, md5('id' || n),
    'Person ' || left(md5('name' || n), 6) || ' ' || (array['Hopper', 'Lovelace', 'Müller', 'Øst', 'García'])[1 + n / ${scopes} % 5],
    left(md5('mail' || n), 8) || '.team ' || n % 100 || '@corp.example',
    jsonb_build_object('employeeNumber', n, 'department', 'department-' || n % 40, 'title', 'Senior Specialist',
      'location', jsonb_build_object('country', 'DE', 'city', 'city-' || n % 90, 'remote', n % 2 = 0)),
    md5('h' || n) || md5('g' || n), 0, 1, case when n / 100 % 100 = 0 then now() end
  from generate_series(1, ${rows}) n
  join syncline.sync_scope s on s.connector_id = 'c' || (n % ${scopes})`

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0

describe.skipIf(!serverIsAvailable()).each([1, 100])('a million resources over %i scopes', (scopes) => {
  let database: Database
  let pool: pg.Pool
  const scope = { connectorId: 'c0', resourceType: 'user' }

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const run = (statement: string) => pool.query(statement)
    await run('alter table syncline.resource_row set (autovacuum_enabled = off)')
    await run(`insert into syncline.connector_definition (id, tenant_id, type, name, config, status)
      select 'c' || n, 't', 'generated', 'c' || n, '{}', 'active' from generate_series(0, ${scopes}) n`)
    await run(`insert into syncline.sync_scope (connector_id, resource_type)
      select id, 'user' from syncline.connector_definition order by id desc`)
    // What the planner learns now will be wrong: no scope but this has rows.
    await run(`insert into syncline.resource_row (id, scope_id, ordinal, external_id, display_name, attributes,
        sync_hash, hash_epoch, written_generation)
      select gen_random_uuid(), s.id, n, 'early' || n, 'Early ' || n, '{}', 'h', 0, 1
      from generate_series(1, 20000) n join syncline.sync_scope s on s.connector_id = 'c${scopes}'`)
    await buildSearchIndex({ pool })
    await run('analyze')
    await run('drop index syncline.resource_row_search')
    await run(insertRows(scopes))
    await run(`update syncline.sync_scope s set live_rows = r.live, stale_rows = r.stale, next_ordinal = ${rows} + 1
      from (select scope_id, count(*) filter (where stale_since is null) as live,
        count(*) filter (where stale_since is not null) as stale from syncline.resource_row group by 1) r
      where r.scope_id = s.id`)
    await buildSearchIndex({ pool })
  }, 900_000)
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  const blocks = async (): Promise<number> => {
    await pool.query('select pg_stat_force_next_flush()')
    const { rows: found } = await pool.query<{ blocks: number }>(`select (heap_blks_hit + heap_blks_read
      + idx_blks_hit + idx_blks_read)::int as blocks from pg_statio_user_tables where relname = 'resource_row'`)
    return found[0]?.blocks ?? Number.NaN
  }

  test.each(statistics)(
    'are listed and searched at once when statistics are %s',
    async (state, statements) => {
      for (const statement of statements) await pool.query(statement)
      const open = (of: pg.Pool): readonly [Syncline, Store] => {
        const store = postgresStore({ pool: of })
        return [createSyncline({ store, connectorTypes: [] }), store]
      }
      const host = new pg.Pool({ connectionString: database.url })
      const [counted, timed] = [open(pool), open(host)]
      const inScope = rows / scopes
      const all: number[] = []
      const over: string[] = []
      for (const { name, blocks: most, vacuumed = false, run } of readsOf(scope, inScope)) {
        const before = await blocks()
        for (let round = 0; round < counts; round++) await run(...counted, round)
        const touched = Math.round(((await blocks()) - before) / counts)
        const times: number[] = []
        for (let round = 0; round < rounds; round++) {
          const began = performance.now()
          await run(...timed, round)
          times.push(performance.now() - began)
          if (times.reduce((sum, time) => sum + time, 0) > 5_000) break
        }
        const p95 = quantile(times, 0.95)
        console.log(
          `${scopes} scopes, ${state}: ${name.padEnd(27)} p50 ${quantile(times, 0.5).toFixed(1).padStart(7)}  p95 ${p95.toFixed(1).padStart(7)} ms  ${String(touched).padStart(8)} blocks`,
        )
        if (vacuumed && state !== 'fresh') continue
        all.push(...times)
        if (touched > most) over.push(`${name}: ${touched} blocks, at most ${Math.round(most)}`)
      }
      console.log(`${scopes} scopes, ${state}: p95 of all ${quantile(all, 0.95).toFixed(1)} ms`)
      await host.end()
      expect(over).toEqual([])
    },
    900_000,
  )

  test('answer a frequent term at once without the search index, too, and a rare one after a walk', async () => {
    await dropSearchIndex({ pool })
    const { resources } = postgresStore({ pool })
    for (const search of ['person', 'lovelace', 'er', 'nobody-is-called-so']) {
      const before = await blocks()
      const began = performance.now()
      const found = await resources.find({ ...scope, search, limit: pageSize })
      const ms = performance.now() - began
      const touched = (await blocks()) - before
      console.log(`${scopes} scopes, no index: ${search} ${ms.toFixed(1)} ms, ${touched} blocks`)
      expect(found).toHaveLength(search.startsWith('nobody') ? 0 : pageSize)
      expect(touched).toBeLessThan(found.length > 0 ? 300 : (1.5 * rows) / scopes)
    }
  }, 120_000)
})
