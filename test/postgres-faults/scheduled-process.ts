import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Run } from '@syncline/core'
import { fakeClock, recordingSink } from '@syncline/testing'
import { expect, vi } from 'vitest'
import type { Database } from '../../test-support/database-on.ts'
import { type Strike, startPostgresProxy } from '../../test-support/postgres/postgres-proxy.ts'
import { comeDue } from '../concurrency/come-due.ts'
import { counts, verify } from '../crash/check-scenario.ts'
import { pageConnector } from '../crash/page-connector.ts'
import { servePages } from '../crash/page-server.ts'
import { prepare } from '../crash/prepare-scenario.ts'
import { type Scenario, users } from '../crash/scenario.ts'
import { observeStore } from './observe-store.ts'

/** As long as a dead process keeps others out. */
const leaseMs = 30_000
/** A schedule that was interrupted ticks again within this. */
const soonMs = 90_000

export interface Trial {
  readonly database: Database
  readonly scenario: Scenario
  /** @default nothing happens */
  readonly strike?: Strike | undefined
  /** Runs that nobody knows of, so that they are left to their leases. @default 0 */
  readonly abandoned?: number | undefined
}

/** Brings a database into the state every trial begins with: a scope with a schedule. */
export async function prepareScheduled(database: Database, scenario: Scenario): Promise<void> {
  await prepare(database, scenario)
  const store = await openPostgresStore({ connectionString: database.url })
  const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
  await syncline.configs.save({ ...users, enabled: true, cronSchedule: '0 0 1 1 *' })
  await store.close()
}

/**
 * A process whose scope comes due syncs it while its database is disturbed; nobody helps. Then the schedule ticks once
 * more, and everything the invariants speak of is read back. Time is the process's own: it stands still while anything
 * is under way. Resolves with the store calls that the transactions of the first run belong to, in order.
 */
export async function syncWhenDue({
  database,
  scenario,
  strike,
  abandoned = 0,
}: Trial): Promise<readonly string[]> {
  const proxy = await startPostgresProxy(database.url)
  const upstream = await servePages(scenario.pages)
  await database.query(`update syncline.connector_definition set config = $1::jsonb`, [
    JSON.stringify({ url: upstream.url }),
  ])
  const straight = await openPostgresStore({ connectionString: database.url, maxConnections: 2 })
  const opened = await openPostgresStore({ connectionString: proxy.url, maxConnections: 3 })
  const transactions: string[] = []
  let isArmed = false
  let acting: Promise<unknown> = Promise.resolve()
  const followed: Strike | undefined = strike && {
    ...strike,
    act() {
      const verdict = Promise.resolve(strike.act())
      acting = verdict
      return verdict
    },
  }
  const observed = observeStore(opened, (call) => {
    if (call !== 'runs.begin' || isArmed) return
    isArmed = true
    proxy.arm(followed, () => transactions.push(observed.newestWrite))
  })
  const clock = fakeClock({ auto: true })
  const sink = recordingSink()
  const syncline = createSyncline({
    store: observed.store,
    connectorTypes: [pageConnector],
    // Waits last at least until the server is back.
    clock: { ...clock, sleep: (ms, signal) => acting.then(() => clock.sleep(ms, signal)) },
    limits: { sweepBatch: 15, leaseMs },
    onEvent: sink.onEvent,
  })

  /** Lets time pass, while nothing is under way, until so many runs have ended well. */
  async function untilEndedWell(times: number): Promise<void> {
    const began = clock.now().getTime()
    const passedMs = (): number => clock.now().getTime() - began
    let leasesEnded = false
    const goOn = async (): Promise<void> => {
      if (sink.of('run.finished').filter(({ status }) => status === 'success').length >= times) return
      await acting
      if (observed.inFlight() === 0) {
        await clock.advance(1_000)
        // Leases are held by the database's time, which follows.
        if (passedMs() >= leaseMs && !leasesEnded) {
          leasesEnded = true
          await database.query(
            `update syncline.sync_run set lease_expires_at = clock_timestamp() where status = 'running'`,
          )
        }
      }
      throw new Error(`not ended well after ${passedMs()} ms`)
    }
    await vi.waitFor(goOn, { interval: 10, timeout: 60_000 })
    expect(passedMs(), 'the schedule ticked again within 90 s').toBeLessThanOrEqual(soonMs)
  }

  try {
    await comeDue(straight, users)
    await syncline.start()
    await untilEndedWell(1)
    await acting
    expect(proxy.struck, 'the strike happened').toBe(strike !== undefined)
    const [run] = await straight.runs.list({ ...users, status: 'success', limit: 1 })
    expect(counts(statsOf(run)), 'I3').toEqual({ ...scenario.expected.counts, durationMs: 0 })
    const runs = await straight.runs.list({ ...users, limit: 100 })
    const left = runs.filter(({ error }) => error?.code === 'RUN_ABANDONED')
    expect(left, 'a run outlives its database').toHaveLength(abandoned)
    const asked = upstream.asked.length - new Set(upstream.asked).size
    expect(asked, `I4: asked ${upstream.asked.join()}`).toBeLessThanOrEqual(strike ? 2 : 0)
    await comeDue(straight, users)
    await untilEndedWell(2)
    await syncline.stop()
    expect({ timers: clock.timers, sleepers: clock.sleepers }, 'I12').toEqual({ timers: 0, sleepers: 0 })
    await opened.close()
    await verify(database, straight, scenario)
  } finally {
    await proxy.close()
    await Promise.all([opened, straight, upstream].map((each) => each.close()))
  }
  return transactions
}

function statsOf(run: Run | undefined) {
  if (!run) throw new Error('no run ended well')
  return run.stats
}
