import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { counts, verify } from './check-scenario.ts'
import { type Cut, forkSync } from './fork-sync.ts'
import { pageConnector } from './page-connector.ts'
import { type PageServer, servePages } from './page-server.ts'
import { prepare } from './prepare-scenario.ts'
import { type Scenario, users } from './scenario.ts'

const { connectorId } = users

interface KillTrials {
  readonly isCut: (statement: string) => boolean
  readonly lookAheads: readonly (0 | 1)[]
}

/**
 * Declares the trials: a process is killed at each statement that `isCut` picks, before it is sent and after its
 * answer came; then another run goes on, and everything the invariants speak of is read back.
 */
export function killAtStatements(scenario: Scenario, { isCut, lookAheads }: KillTrials): void {
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
    const report = await forkSync({ url: database.url, connectorId, cut, lookAhead }).ended
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
    expect(whole.report.message?.outcome).toBe('success')
    await recover(whole, 1)
  })

  test.each(lookAheads)(
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
