import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { canonicalSync } from './canonical-sync.ts'
import { counts, verify } from './check-scenario.ts'
import { type Cut, forkSync } from './fork-sync.ts'
import { pageConnector } from './page-connector.ts'
import { servePages } from './page-server.ts'
import { prepare } from './prepare-scenario.ts'
import { users } from './scenario.ts'

const leaseMs = 1_000
const { connectorId } = users

/** What a holder may say that was stopped for longer than its lease: never that it went on. */
const refused = ['LEASE_LOST', 'RUN_ABANDONED', 'STORE_UNAVAILABLE', 'SYNC_ALREADY_RUNNING']

/** All content of all tables. */
async function fingerprint(database: Database): Promise<string> {
  const { rows: tables } = await database.query(
    `select tablename as name from pg_tables where schemaname = 'syncline' order by 1`,
  )
  const digests = tables.map(
    ({ name }) =>
      `select '${name}' as name, md5(string_agg(t::text, ',' order by t::text)) as digest from syncline.${name} t`,
  )
  const { rows } = await database.query(digests.join(' union all '))
  return JSON.stringify(rows)
}

/**
 * The statements of the run, with their ordinals among those of the same text. Who is stopped before the first lock of
 * its transaction has no token yet, and begins a run of its own afterwards.
 */
function statementsOfRun(all: readonly string[]) {
  const begins = all.indexOf('start transaction isolation level read committed')
  return all
    .map((text, index) => ({ text, statement: index + 1, ordinal: countOf(all.slice(0, index + 1), text) }))
    .slice(begins + 2)
}

const countOf = (texts: readonly string[], text: string): number =>
  texts.filter((each) => each === text).length

/**
 * Declares the trials: a process is stopped at each statement that `isTried` picks, longer than its lease; another one
 * finishes; then the first goes on and must not write anything.
 */
export function stopAtStatements(isTried: (statement: string, ordinal: number) => boolean): void {
  let base: Database
  let lastRunId: string | undefined

  beforeAll(async () => {
    base = await emptyServerDatabase({ migrated: true })
    lastRunId = await prepare(base, canonicalSync)
  })
  afterAll(() => base.drop())

  async function begin(cut: Cut | undefined) {
    const database = await base.copy()
    const upstream = await servePages(canonicalSync.pages)
    await database.query(`update syncline.connector_definition set config = $1::jsonb`, [
      JSON.stringify({ url: upstream.url }),
    ])
    const holder = forkSync({ url: database.url, connectorId, cut, lookAhead: 1, leaseMs })
    return { database, upstream, holder }
  }

  /** Resolves with what the holder said in the end. */
  async function trial(cut: Cut): Promise<string | undefined> {
    const { database, upstream, holder } = await begin(cut)
    const store = await openPostgresStore({ connectionString: database.url, maxConnections: 2 })
    const other = createSyncline({ store, connectorTypes: [pageConnector], limits: { sweepBatch: 15 } })
    const letGoOn = async (): Promise<string | undefined> => {
      holder.child.kill('SIGCONT')
      return (await holder.ended).message?.outcome
    }
    const finish = async (): Promise<void> => {
      const [latest] = await store.runs.list({ ...users, limit: 1 })
      if (latest?.status === 'success' && latest.runId !== lastRunId) return
      const run = await other.sync(users)
      expect(run.status).toBe('success')
      expect(counts(run.stats), 'I3').toEqual({ ...canonicalSync.expected.counts, durationMs: 0 })
    }
    try {
      await Promise.race([holder.atCut, holder.ended])
      expect(holder.child.exitCode, 'the cut did not fire').toBeNull()
      // It is stopped: nobody renews its lease.
      await vi.waitFor(async () => expect(await holding(database)).toBe(0), { timeout: 10_000 })
      if (await holdsLocks(database)) {
        // Inside a round trip the server waits for the rest of it, without a limit: nobody else gets in.
        await expect(other.sync(users)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
        await letGoOn()
        await finish()
        await verify(database, store, canonicalSync)
        return 'kept others out'
      }
      await finish()
      const before = await fingerprint(database)
      const outcome = await letGoOn()
      expect(await fingerprint(database), 'I5: nothing was written by the old token').toBe(before)
      await verify(database, store, canonicalSync)
      return outcome
    } finally {
      holder.child.kill('SIGKILL')
      await store.close()
      await upstream.close()
      await database.drop()
    }
  }

  /** Whether the server waits, with the scope locked, for a client that is in the middle of a round trip. */
  const holdsLocks = async (database: Database): Promise<boolean> => {
    const { rows } = await database.query(`select 1 from pg_stat_activity a join pg_locks l on l.pid = a.pid
      where a.datname = current_database() and a.state = 'active' and a.wait_event = 'ClientRead'
        and (l.relation = 'syncline.sync_scope'::regclass or l.locktype = 'advisory')`)
    return rows.length > 0
  }

  const holding = async (database: Database): Promise<number> => {
    const { rows } = await database.query(`select count(*)::int as count from syncline.sync_run
      where status = 'running' and lease_expires_at > clock_timestamp()`)
    return rows[0].count
  }

  test('writes nothing with its old token', async () => {
    const dry = await begin(undefined)
    const statements = (await dry.holder.ended).message?.statements ?? []
    await dry.upstream.close()
    await dry.database.drop()
    const cuts = statementsOfRun(statements)
      .filter(({ text, ordinal }) => isTried(text, ordinal))
      .flatMap(({ statement }) =>
        (['before', 'after'] as const).map((moment): Cut => ({ statement, moment, signal: 'SIGSTOP' })),
      )
    expect(cuts.length, 'there is something to try').toBeGreaterThan(3)
    const slots = pLimit(4)
    const failures: string[] = []
    const outcomes: string[] = []
    await Promise.all(
      cuts.map((cut) =>
        slots(async () => {
          try {
            outcomes.push((await trial(cut)) ?? 'killed')
          } catch (error) {
            failures.push(
              `${cut.moment} #${cut.statement} ${statements[cut.statement - 1]}: ${String(error)}`,
            )
          }
        }),
      ),
    )
    const late = outcomes.filter((outcome) => refused.includes(outcome)).length
    const keptOut = outcomes.filter((outcome) => outcome === 'kept others out').length
    console.log(`${cuts.length} holders stopped: ${late} lost their run, ${keptOut} kept others out of it`)
    expect(failures).toEqual([])
    expect(late, 'some had something left to write').toBeGreaterThan((cuts.length - keptOut) / 2)
    const expected = new Set([...refused, 'success', 'kept others out'])
    expect(outcomes.filter((outcome) => !expected.has(outcome))).toEqual([])
  }, 1_800_000)
}
