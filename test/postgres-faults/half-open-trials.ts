import { openPostgresStore } from '@syncline/adapter-postgres'
import type { Run, Store } from '@syncline/core'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  begin,
  checkpoint,
  commit,
  finish,
  leaseOf,
  records,
  saveConnector,
} from '../../packages/adapter-postgres/test/listing.ts'
import { type Moment, startPostgresProxy } from '../../test-support/postgres/postgres-proxy.ts'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'

const connectionTimeoutMs = 1_000
const statementTimeoutMs = 1_000
/** The server is given so much longer, so that its own error is seen where it still talks. */
const graceMs = 2_000
/** What a busy machine may add. */
const slackMs = 3_000

/** A scope of a trial's own, with a run that has listed one page. */
interface Stage {
  readonly scope: { readonly connectorId: string; readonly resourceType: string; readonly tenantId: string }
  readonly run: Run
}

interface Call {
  readonly name: string
  readonly moments: readonly Moment[]
  readonly make: (store: Store, stage: Stage) => Promise<unknown>
}

const inTransactions: readonly Moment[] = ['begin reply', 'rows', 'before commit', 'commit reply']
const known = records(100)

const closed = async (store: Store, { run }: Stage): Promise<void> => {
  await store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full: true })
}

const calls: readonly Call[] = [
  { name: 'connectors.list', moments: [], make: (store) => store.connectors.list({}) },
  {
    name: 'resources.find',
    moments: [],
    make: (store, { scope }) => store.resources.find({ ...scope, limit: 9 }),
  },
  { name: 'runs.renew', moments: [], make: (store, { run }) => store.runs.renew(leaseOf(run)) },
  { name: 'runs.begin', moments: inTransactions, make: (store, { scope }) => begin(store, {}, scope) },
  {
    name: 'commitPage of new records',
    moments: [...inTransactions, 'copy'],
    make: (store, { run }) => commit(store, run, { number: 2, records: records(100, 1_000) }),
  },
  {
    name: 'commitPage of known records',
    moments: inTransactions,
    make: (store, { run }) => commit(store, run, { number: 2, records: known }),
  },
  { name: 'closeListing', moments: inTransactions, make: closed },
  {
    name: 'markStale',
    moments: inTransactions,
    make: (store, { run }) =>
      store.resources.markStale({
        lease: leaseOf(run),
        generation: run.generation,
        limit: 5,
        checkpoint: checkpoint(1, 'sweeping'),
      }),
  },
  {
    name: 'purgeStale',
    moments: inTransactions,
    make: (store, { run }) =>
      store.resources.purgeStale({ lease: leaseOf(run), retentionMs: 1_000, limit: 5 }),
  },
  { name: 'runs.finish', moments: inTransactions, make: (store, { run }) => finish(store, run) },
]

/** Declares the trials: the connection goes silent before and in each call that `isTried` picks. */
export function meetSilence(isTried: (call: string) => boolean): void {
  let database: Database
  let straight: Store
  let made = 0

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    straight = await openPostgresStore({ connectionString: database.url })
  })
  afterAll(async () => {
    await straight.close()
    await database.drop()
  })

  async function newStage({ name }: Call): Promise<Stage> {
    made += 1
    const connectorId = `silent-${made}`
    const scope = { connectorId, resourceType: 'user', tenantId: connectorId }
    await saveConnector(straight, connectorId, connectorId)
    const run = await begin(straight, {}, scope)
    await commit(straight, run, { number: 1, records: known })
    if (name === 'markStale') await closed(straight, { scope, run })
    // A run that has met new records only takes the next ones to be new as well.
    if (name === 'commitPage of known records') return { scope, run: await begin(straight, {}, scope) }
    return { scope, run }
  }

  /** The waiting is done together, what comes before it is not: a busy machine must not fail calls. */
  const preparing = pLimit(3)

  async function prepare(call: Call) {
    const stage = await newStage(call)
    const proxy = await startPostgresProxy(database.url)
    return { stage, proxy, store: await openThrough(proxy.url) }
  }

  const openThrough = (url: string): Promise<Store> =>
    openPostgresStore({ connectionString: url, maxConnections: 1, connectionTimeoutMs, statementTimeoutMs })

  /** How long a call takes that must fail. */
  async function failing(call: () => Promise<unknown>): Promise<number> {
    const since = performance.now()
    await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    return performance.now() - since
  }

  /** The connection goes silent at a moment of the call; the next call has another one. */
  async function silentAt(call: Call, moment: Moment): Promise<void> {
    const { stage, proxy, store } = await preparing(() => prepare(call))
    try {
      proxy.arm({ transaction: 1, moment, act: () => 'swallow' })
      const tookMs = await failing(() => call.make(store, stage))
      expect(proxy.struck, 'the strike happened').toBe(true)
      expect(tookMs).toBeLessThan(statementTimeoutMs + graceMs + slackMs)
      expect(await store.connectors.get(stage.scope.connectorId)).toBeDefined()
    } finally {
      await proxy.close()
      await store.close()
    }
  }

  /** Everything has gone silent before the call, with or without an idle connection in the pool. */
  async function silentBefore(call: Call, hasConnection: boolean): Promise<void> {
    const { stage, proxy, store } = await preparing(() => prepare(call))
    try {
      proxy.blackHole()
      const boundMs = statementTimeoutMs + graceMs
      if (!hasConnection) await failing(() => store.connectors.get(''))
      const tookMs = await failing(() => call.make(store, stage))
      expect(tookMs).toBeLessThan((hasConnection ? boundMs : connectionTimeoutMs) + slackMs)
    } finally {
      await proxy.close()
      await store.close()
    }
  }

  test('fails every call within the time set, and serves none after it', async () => {
    const trials = calls
      .filter(({ name }) => isTried(name))
      .flatMap((call) => [
        ...call.moments.map((moment) => [`${call.name}, ${moment}`, () => silentAt(call, moment)] as const),
        [`${call.name}, idle`, () => silentBefore(call, true)] as const,
        [`${call.name}, not connected yet`, () => silentBefore(call, false)] as const,
      ])
    const failures: string[] = []
    await Promise.all(
      trials.map(async ([name, trial]) => {
        try {
          await trial()
        } catch (error) {
          failures.push(`${name}: ${String(error)}`)
        }
      }),
    )
    console.log(`${trials.length} calls met silence`)
    expect(failures).toEqual([])
  }, 300_000)
}
