import { fork } from 'node:child_process'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Store, type SyncStats } from '@syncline/core'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { pageConnector } from './page-connector.ts'
import { type PageServer, servePages } from './page-server.ts'
import type { Scenario } from './scenario.ts'

const connectorId = 'crash'
const users = { connectorId, resourceType: 'user' }
const child = join(import.meta.dirname, 'sync.child.ts')

interface Cut {
  readonly statement: number
  readonly moment: 'before' | 'after'
}

/** Brings the store into the state every cut begins with. Resolves with its last run. */
async function prepare(database: Database, { history, expected }: Scenario): Promise<string | undefined> {
  const store = await openPostgresStore({ connectionString: database.url })
  const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
  const save = (url: string) => syncline.connectors.save({ connectorId, type: 'pages', config: { url } })
  await save('http://127.0.0.1:9')
  let runId: string | undefined
  for (const listing of history) {
    const upstream = await servePages(listing)
    await save(upstream.url)
    const run = await syncline.sync(users)
    runId = run.runId
    await upstream.close()
  }
  await store.close()
  await database.query(`update syncline.resource_row set stale_since = stale_since - interval '30 days'`)
  // I2, watched while it happens: nothing goes stale that upstream has.
  await database.query(`create table upstream_has (external_id text primary key)`)
  await database.query(`insert into upstream_has select unnest($1::text[])`, [expected.ids])
  await database.query(`create function refuse_wrong_stale() returns trigger language plpgsql as $$ begin
    if new.stale_since is not null and exists (select from upstream_has u where u.external_id = new.external_id)
    then raise exception 'I2: % went stale while upstream has it', new.external_id; end if; return new; end $$`)
  await database.query(`create trigger i2 before update on syncline.resource_row
    for each row execute function refuse_wrong_stale()`)
  return runId
}

/** Runs the child; resolves with what it sent, or undefined when it was killed. */
function runChild(url: string, cut: Cut | undefined, lookAhead: number): Promise<ChildReport> {
  const args = [url, connectorId, String(cut?.statement ?? 0), cut?.moment ?? '', String(lookAhead)]
  const { promise, resolve } = Promise.withResolvers<ChildReport>()
  const dying = fork(child, args, { execArgv: ['--conditions=@syncline/source'], stdio: 'inherit' })
  let message: { status: string; statements: string[] } | undefined
  dying.on('message', (sent) => {
    message = sent as typeof message
  })
  dying.on('exit', (_, signal) => resolve({ message, signal }))
  return promise
}

interface ChildReport {
  readonly message: { status: string; statements: string[] } | undefined
  readonly signal: NodeJS.Signals | null
}

/** All but the time it took. */
const counts = (stats: SyncStats): SyncStats => ({ ...stats, durationMs: 0 })

/** Everything the invariants speak of, read back from the database. */
async function verify(database: Database, store: Store, { expected }: Scenario): Promise<void> {
  const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
  const live = await store.resources.find({ ...users, stale: false, limit: 10_000 })
  expect(
    live.map((user) => user.externalId),
    'I1',
  ).toEqual(expected.ids)
  expect(
    live.filter(({ attributes }) => attributes.revision === 1),
    'I1: content',
  ).toHaveLength(expected.changed)
  expect(await store.resources.count({ ...users, stale: true }), 'I2').toBe(expected.stale)
  expect(await store.resources.count(users), 'I7: the purged row is gone').toBe(expected.rows)

  const runs = await store.runs.list({ ...users, limit: 100 })
  expect(
    runs.filter(({ status }) => status === 'running'),
    'I8',
  ).toEqual([])
  const tokens = runs.map(({ fencingToken }) => fencingToken)
  expect(new Set(tokens).size, 'I5').toBe(tokens.length)

  const changes = await store.changes.read({ scope: users, after: 0, limit: 10_000 })
  expect(
    changes.map(({ position }) => position),
    'I6: gapless',
  ).toEqual(changes.map((_, index) => index + 1))
  const kinds = Object.groupBy(changes, ({ kind }) => kind)
  const logged = Object.fromEntries(Object.entries(kinds).map(([kind, entries]) => [kind, entries.length]))
  expect(logged, 'I6: once').toEqual(expected.logged)

  const { rows: counted } = await database.query(
    `select s.live_rows, s.stale_rows from syncline.sync_scope s`,
  )
  expect(counted, 'rows are counted right').toEqual([
    { live_rows: expected.ids.length, stale_rows: expected.stale },
  ])

  const again = await syncline.sync(users)
  expect(again.status, 'I9').toBe('success')
  const { added, updated, restored, staled } = again.stats
  expect({ added, updated, restored, staled }, 'I9').toEqual({ added: 0, updated: 0, restored: 0, staled: 0 })
  expect(await store.changes.read({ scope: users, after: changes.length, limit: 1 }), 'I9').toEqual([])
  const sessions = await database.query(
    `select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  expect(sessions.rows, 'I12').toEqual([])
}

/**
 * Declares the trials: a process is killed at each statement that `isCut` picks, before it is sent and after its
 * answer came; then another run goes on, and everything the invariants speak of is read back.
 */
export function killAtStatements(scenario: Scenario, isCut: (statement: string) => boolean): void {
  const servers: PageServer[] = []
  let base: Database
  let lastRunId: string | undefined

  beforeAll(async () => {
    base = await emptyServerDatabase({ migrated: true })
    lastRunId = await prepare(base, scenario)
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await base.drop()
  })

  async function trial(cut: Cut | undefined, lookAhead: number) {
    const database = await base.copy()
    const upstream = await servePages(scenario.pages)
    servers.push(upstream)
    await database.query(`update syncline.connector_definition set config = $1::jsonb`, [
      JSON.stringify({ url: upstream.url }),
    ])
    const report = await runChild(database.url, cut, lookAhead)
    return { database, upstream, report }
  }

  /** Resumes after the kill and checks everything. */
  async function recover({ database, upstream }: Awaited<ReturnType<typeof trial>>, lookAhead: number) {
    // The lease of a dead process ends by itself; the test does not wait for it.
    await database.query(
      `update syncline.sync_run set lease_expires_at = clock_timestamp() - interval '1 s' where status = 'running'`,
    )
    const store = await openPostgresStore({ connectionString: database.url, maxConnections: 2 })
    try {
      const syncline = createSyncline({ store, connectorTypes: [pageConnector], limits: { sweepBatch: 15 } })
      const [latest] = await store.runs.list({ ...users, limit: 1 })
      const askedByTheDead = [...upstream.asked]
      if (latest?.status !== 'success' || latest.runId === lastRunId) {
        const run = await syncline.sync(users)
        expect(run.status).toBe('success')
        expect(counts(run.stats), 'I3').toEqual({ ...scenario.expected.counts, durationMs: 0 })
      }
      const twice = upstream.asked
        .slice(askedByTheDead.length)
        .filter((page) => askedByTheDead.includes(page))
      expect(twice.length, `I4: asked again ${twice.join()}`).toBeLessThanOrEqual(1 + lookAhead)
      await verify(database, store, scenario)
    } finally {
      await store.close()
      await database.drop()
    }
  }

  test('an uninterrupted run is the yardstick', async () => {
    const whole = await trial(undefined, 1)
    expect(whole.report.message?.status).toBe('success')
    await recover(whole, 1)
  })

  test.each([0, 1])(
    'loses nothing, fetching %i page ahead',
    async (lookAhead) => {
      const dry = await trial(undefined, lookAhead)
      const statements = dry.report.message?.statements ?? []
      await dry.database.drop()
      expect(statements.filter((statement) => statement.startsWith(scenario.sends))).not.toEqual([])
      const cuts = statements.flatMap((statement, index): Cut[] =>
        isCut(statement)
          ? [
              { statement: index + 1, moment: 'before' },
              { statement: index + 1, moment: 'after' },
            ]
          : [],
      )
      expect(cuts.length, 'there is something to cut').toBeGreaterThan(10)
      const slots = pLimit(3)
      const failures: string[] = []
      await Promise.all(
        cuts.map((cut) =>
          slots(async () => {
            const killed = await trial(cut, lookAhead)
            try {
              expect(killed.report.signal, 'the cut did not fire').toBe('SIGKILL')
              await recover(killed, lookAhead)
            } catch (error) {
              const statement = statements[cut.statement - 1]
              failures.push(`${cut.moment} #${cut.statement} ${statement}: ${String(error)}`)
            }
          }),
        ),
      )
      expect(failures).toEqual([])
    },
    900_000,
  )
}
