import { setTimeout as wait } from 'node:timers/promises'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Run, type Store } from '@syncline/core'
import { recordingSink } from '@syncline/testing'
import { seededRandom } from '@syncline/testing/upstream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../test-support/database-on.ts'
import { type PrivatePostgres, startPrivatePostgres } from '../../test-support/postgres/private-postgres.ts'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { comeDue } from '../concurrency/come-due.ts'
import { counts } from '../crash/check-scenario.ts'
import { observeStore } from './observe-store.ts'
import { pageCount, thousandPages } from './thousand-pages.ts'

const scope = { connectorId: 'stormy', resourceType: 'user' }
const seed = Number(process.env.STORM_SEED ?? 20261121)

interface Outage {
  readonly mode: 'fast' | 'immediate'
  readonly downMs: number
  /** The server went while a page was being committed. */
  readonly committing: boolean
}

/** Everything a sync leaves behind that does not depend on when it ran. */
async function fingerprint(database: Database, run: Run) {
  const digest = async (text: string) => (await database.query(text)).rows
  return {
    stats: counts(run.stats),
    rows: await digest(`select stale_since is not null as stale, count(*)::int as count,
      md5(string_agg(external_id || sync_hash, ',' order by external_id)) as digest
      from syncline.connector_resource group by 1 order by 1`),
    counted: await digest(`select live_rows, stale_rows, change_position from syncline.sync_scope`),
  }
}

describe.skipIf(!serverIsAvailable())('a storm: PostgreSQL down for up to 2 s every 5 to 10 s', () => {
  let server: PrivatePostgres

  beforeAll(async () => {
    server = await startPrivatePostgres()
  })
  afterAll(() => server.stop())

  /** Syncs two editions as schedules do, and tells what each left behind. */
  async function syncTwice(database: Database, disturb: (store: Store) => Disturbance) {
    const store = await openPostgresStore({ connectionString: database.url })
    const disturbance = disturb(store)
    const sink = recordingSink()
    const limits = {
      leaseMs: 3_000,
      recoveryPollMs: 500,
      reconcileMs: 1_000,
      maxStaggerMs: 0,
      sweepBatch: 500,
    }
    const syncline = createSyncline({
      store: disturbance.store,
      connectorTypes: [thousandPages],
      limits,
      onEvent: sink.onEvent,
    })
    const save = (edition: number) =>
      syncline.connectors.save({
        connectorId: scope.connectorId,
        type: thousandPages.type,
        config: { edition },
      })
    await save(1)
    await syncline.configs.save({ ...scope, enabled: true, cronSchedule: '0 0 1 1 *' })
    await syncline.start()
    const left = []
    for (const edition of [1, 2]) {
      await save(edition)
      await comeDue(store, scope)
      const end = disturbance.begin()
      const endedWell = () =>
        expect(sink.of('run.finished').filter(({ status }) => status === 'success')).toHaveLength(edition)
      await vi.waitFor(endedWell, { timeout: 600_000, interval: 100 })
      await end()
      const [run] = await store.runs.list({ ...scope, limit: 1 })
      if (!run) throw new Error('no run')
      left.push(await fingerprint(database, run))
    }
    await syncline.stop()
    const runs = await store.runs.list({ ...scope, limit: 1_000 })
    await store.close()
    return { left, runs }
  }

  test(`changes nothing, two syncs of ${pageCount} pages (seed ${seed})`, async () => {
    const random = seededRandom(seed)
    const outages: Outage[] = []
    const stormy = (store: Store): Disturbance => {
      let strikeNow = (): void => {}
      const observed = observeStore(store, (call) => {
        if (call === 'resources.commitPage') strikeNow()
      })
      const outage = async (over: AbortSignal): Promise<void> => {
        await wait(5_000 + random.next() * 5_000, undefined, { signal: over })
        // Every other one comes a little after the beginning of a commit, the rest when it likes.
        if (random.chance(0.5)) {
          await new Promise<void>((resolve) => {
            strikeNow = resolve
            over.addEventListener('abort', () => resolve(), { once: true })
          })
          await wait(random.below(4))
        }
        over.throwIfAborted()
        const mode = random.chance(0.5) ? 'fast' : 'immediate'
        const committing = observed.inFlight('resources.commitPage') > 0
        const downMs = Math.round(random.next() * 2_000)
        await server.halt(mode)
        await wait(downMs)
        await server.start()
        outages.push({ mode, downMs, committing })
      }
      return {
        store: observed.store,
        begin() {
          const over = new AbortController()
          const storm = (async () => {
            while (!over.signal.aborted) {
              await outage(over.signal).catch((error: unknown) => {
                if (!over.signal.aborted) throw error
              })
            }
          })()
          return async () => {
            over.abort()
            await storm
          }
        },
      }
    }
    const calm = await syncTwice(await server.database(), (store) => ({ store, begin: () => async () => {} }))
    const disturbed = await syncTwice(await server.database(), stormy)

    const committing = outages.filter((outage) => outage.committing).length
    console.log(
      `${outages.length} outages (${outages.filter(({ mode }) => mode === 'fast').length} fast), ${committing} of them while a page was being committed; ${disturbed.runs.length} runs`,
    )
    expect(committing, 'outages while pages were being committed').toBeGreaterThan(0)
    expect(disturbed.left).toEqual(calm.left)
    for (const [index, run] of disturbed.runs.entries()) {
      const before = disturbed.runs[index + 1]
      if (before)
        expect(Number(before.finishedAt), 'one at a time').toBeLessThanOrEqual(Number(run.startedAt))
    }
  }, 1_200_000)
})

interface Disturbance {
  readonly store: Store
  /** Begins the storm; the answer ends it, with the server up again. */
  begin(): () => Promise<void>
}
