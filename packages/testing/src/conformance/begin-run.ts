import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type BeginDecision, type Run, type ScopeState, SyncError } from '@syncline/core'
import {
  checkpointAt,
  connectorInput,
  leaseMs,
  newRun,
  nextRunId,
  otherStaff,
  pageOf,
  records,
  staff,
  teams,
  tenantId,
  zeroStats,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, prepareScopes, resume, snapshot, startAlways, takeOver } from './passes.ts'

const refusal = new SyncError('TENANT_LIMIT_REACHED', 'Not now')

const refuseBusy = (state: ScopeState): BeginDecision =>
  state.running
    ? { kind: 'refuse', error: new SyncError('SYNC_ALREADY_RUNNING', state.running.runId) }
    : startAlways()(state)

export function testBeginRun(suite: StoreSuite): void {
  storeCases(suite, 'RunStore.begin', (test) => {
    test('the first run of a scope sees an empty state and begins as running', async ({ store }) => {
      await prepareScopes(store, staff)
      let seen: ScopeState | undefined
      const wanted = newRun({ totalEstimate: 12, stats: { ...zeroStats, added: 3 } })
      const result = await store.runs.begin({ ...staff, tenantId }, (state) => {
        seen = state
        return { kind: 'start', run: wanted, abandonRunning: false }
      })
      ok(seen?.now instanceof Date)
      deepEqual(
        [seen.running, seen.latest, seen.guarded, seen.lastStartedAt, seen.generation, seen.tenantRunning],
        [undefined, undefined, undefined, undefined, 0, 0],
      )
      ok(result.kind === 'started')
      const { run } = result
      deepEqual(await store.runs.get(run.runId), run)
      const { connectorId, resourceType, runId, status, mode, generation, checkpoint, stats } = run
      deepEqual(
        { connectorId, resourceType, runId, status, mode, generation, checkpoint, stats },
        {
          ...staff,
          runId: wanted.runId,
          status: 'running',
          mode: 'full',
          generation: 1,
          checkpoint: wanted.checkpoint,
          stats: wanted.stats,
        },
      )
      equal(run.tenantId, tenantId)
      equal(run.totalEstimate, 12)
      deepEqual(
        [run.complete, run.resumable, run.cancelRequested, run.finishedAt],
        [false, false, false, undefined],
      )
      deepEqual(run.generationStartedAt, run.startedAt)
      equal(run.leaseExpiresAt.getTime() - run.startedAt.getTime(), leaseMs)
    })

    test('a refusal answers the error and writes nothing', async ({ store }) => {
      await prepareScopes(store, staff)
      const before = await snapshot(store)
      const result = await store.runs.begin({ ...staff, tenantId }, () => ({
        kind: 'refuse',
        error: refusal,
      }))
      deepEqual(result, { kind: 'refused', error: refusal })
      deepEqual(await snapshot(store), before)
    })

    test('when the decision throws, the error comes through and nothing is written', async ({ store }) => {
      await prepareScopes(store, staff)
      const first = await begin(store)
      const before = await snapshot(store)
      const failed = new Error('decided badly')
      await rejects(
        store.runs.begin({ ...staff, tenantId }, () => {
          throw failed
        }),
        failed,
      )
      deepEqual(await snapshot(store), before)
      equal((await finish(store, first)).status, 'success')
    })

    test('of eight begins at once exactly one starts, and the others see its run', async ({ store }) => {
      await prepareScopes(store, staff)
      const results = await Promise.all(
        Array.from({ length: 8 }, () => store.runs.begin({ ...staff, tenantId }, refuseBusy)),
      )
      const started = results.flatMap((result) => (result.kind === 'started' ? [result.run.runId] : []))
      const refused = results.flatMap((result) => (result.kind === 'refused' ? [result.error.message] : []))
      equal(started.length, 1)
      deepEqual(refused, Array<string>(7).fill(started[0] ?? ''))
      equal((await store.runs.list({ limit: 10 })).length, 1)
    })

    test('a scope never has two running runs, whatever was decided', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await rejects(store.runs.begin({ ...staff, tenantId }, startAlways()))
      deepEqual(
        (await store.runs.list({ status: 'running', limit: 10 })).map(({ runId }) => runId),
        [run.runId],
      )
    })

    test('counting the running runs of a tenant is exclusive per tenant', async ({ store }) => {
      const scopes = ['a', 'b', 'c', 'd', 'e', 'f'].map((connectorId) => ({
        connectorId,
        resourceType: 'user',
      }))
      await prepareScopes(store, ...scopes)
      const results = await Promise.all(
        scopes.map((scope) =>
          store.runs.begin({ ...scope, tenantId }, (state) =>
            state.tenantRunning >= 2 ? { kind: 'refuse', error: refusal } : startAlways()(state),
          ),
        ),
      )
      equal(results.filter(({ kind }) => kind === 'started').length, 2)
    })

    test('tenantRunning counts live leases of the same tenant over all connectors', async (harness) => {
      const { store, timePasses } = harness
      const theirs = { connectorId: 'theirs', resourceType: 'user' }
      await store.connectors.save(connectorInput(theirs.connectorId, { tenantId: 'tenant-2' }))
      await prepareScopes(store, staff, teams, otherStaff)
      const tenantRunning = async (tenant: string): Promise<number> => {
        let counted = -1
        const scope = tenant === tenantId ? teams : theirs
        await store.runs.begin({ ...scope, tenantId: tenant }, (state) => {
          counted = state.tenantRunning
          return { kind: 'refuse', error: refusal }
        })
        return counted
      }
      await begin(store, { scope: staff })
      await timePasses(leaseMs - 10_000)
      const other = await begin(store, { scope: otherStaff })
      equal(await tenantRunning(tenantId), 2)
      equal(await tenantRunning('tenant-2'), 0)
      await timePasses(20_000)
      equal(await tenantRunning(tenantId), 1)
      await finish(store, other)
      equal(await tenantRunning(tenantId), 0)
    })

    test('a run of one scope does not stand in the way of another scope', async ({ store }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      for (const scope of [staff, teams, otherStaff]) {
        const run = await begin(store, { scope, run: ({ running }) => (ok(!running), {}) })
        deepEqual(
          [run.generation, run.connectorId, run.resourceType],
          [1, scope.connectorId, scope.resourceType],
        )
      }
    })

    test('the fencing token grows with every run of the scope', async ({ store }) => {
      await prepareScopes(store, staff)
      const tokens: number[] = []
      for (let index = 0; index < 3; index += 1) {
        const run = await begin(store)
        tokens.push(run.fencingToken)
        await finish(store, run)
      }
      ok(tokens.every((token, index) => index === 0 || token > (tokens[index - 1] ?? Infinity)))
    })

    test('generation is the highest ever used in the scope, kept when a listing is resumed', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await finish(store, await begin(store, { run: { generation: 7 } }))
      await finish(store, await begin(store, { run: { generation: 5 } }))
      const run = await begin(store, { run: ({ generation }) => ({ generation: generation + 1 }) })
      equal(run.generation, 8)
    })

    test('latest is the run that began last and lastStartedAt its beginning', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      await finish(store, await begin(store))
      await timePasses(1000)
      const last = await finish(store, await begin(store), { status: 'error', resumable: true })
      let seen: ScopeState | undefined
      await store.runs.begin({ ...staff, tenantId }, (state) => {
        seen = state
        return { kind: 'refuse', error: refusal }
      })
      deepEqual(seen?.latest, last)
      deepEqual(seen?.lastStartedAt, last.startedAt)
      equal(seen?.running, undefined)
    })

    test('abandonRunning ends the running run as error with RUN_ABANDONED', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const dead = await begin(store)
      const next = await takeOver(harness)
      const abandoned = await store.runs.get(dead.runId)
      equal(abandoned?.status, 'error')
      equal(abandoned.error?.code, 'RUN_ABANDONED')
      ok(abandoned.finishedAt)
      equal(next.status, 'running')
      ok(next.fencingToken > dead.fencingToken)
    })

    test('state.running names the running run whether or not its lease still holds', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const run = await begin(store)
      const seen: (Run | undefined)[] = []
      const look = (state: ScopeState): BeginDecision => {
        seen.push(state.running)
        ok(state.running)
        equal(state.running.leaseExpiresAt > state.now, seen.length === 1)
        return { kind: 'refuse', error: refusal }
      }
      await store.runs.begin({ ...staff, tenantId }, look)
      await timePasses(leaseMs + 1000)
      await store.runs.begin({ ...staff, tenantId }, look)
      deepEqual(
        seen.map((running) => running?.runId),
        [run.runId, run.runId],
      )
    })

    test('a resumed run keeps generation, its beginning, checkpoint and counters', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff)
      const first = await begin(store)
      await store.resources.commitPage(pageOf(first, 1, { records: records('1', '2') }))
      await finish(store, first, {
        status: 'partial',
        resumable: true,
        complete: false,
        checkpoint: checkpointAt(1),
        confirmsScope: false,
        forgetSeen: false,
      })
      await timePasses(5000)
      const before = await store.runs.get(first.runId)
      const second = await resume(store)
      equal(second.resumedFrom, first.runId)
      equal(second.generation, first.generation)
      deepEqual(second.generationStartedAt, before?.generationStartedAt)
      ok(second.startedAt > second.generationStartedAt)
      deepEqual(second.checkpoint, checkpointAt(1))
      deepEqual(second.stats, before?.stats)
    })

    test('when the run cannot be inserted, nothing is written', async ({ store }) => {
      await prepareScopes(store, staff)
      const runId = nextRunId()
      await finish(store, await begin(store, { run: { runId } }))
      const before = await snapshot(store)
      await rejects(begin(store, { run: { runId } }))
      deepEqual(await snapshot(store), before)
    })
  })
}
