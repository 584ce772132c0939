import { deepEqual, equal, ok } from 'node:assert/strict'
import type { QueuedRun, Run, Scope, Store } from '@syncline/core'
import {
  checkpointAt,
  defined,
  leaseOf,
  nextRunId,
  otherStaff,
  staff,
  teams,
  tenantId,
  zeroStats,
  zeroTimings,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, prepareScopes, refuses } from './passes.ts'

const queuedRun = (scope: Scope = staff): QueuedRun => ({
  ...scope,
  runId: nextRunId(),
  tenantId,
  mode: 'full',
  requested: { mode: 'full', restart: true },
  checkpoint: checkpointAt(0),
  stats: zeroStats,
  timings: zeroTimings,
})

async function enqueue(store: Store, scope: Scope = staff): Promise<Run> {
  const { kind, run } = await store.runs.enqueue(queuedRun(scope))
  equal(kind, 'queued')
  return run
}

export function testQueuedRuns(suite: StoreSuite): void {
  storeCases(suite, 'RunStore queued runs', (test) => {
    test('enqueue inserts a run in status queued, which get and list show', async ({ store }) => {
      await prepareScopes(store, staff)
      const wanted = queuedRun()
      const { kind, run } = await store.runs.enqueue(wanted)
      equal(kind, 'queued')
      const { connectorId, resourceType, runId, mode, requested } = wanted
      const { startedAt, queuedAt, ...shown } = run
      deepEqual(
        { ...shown, connectorId, resourceType, runId, mode, requested, status: 'queued' },
        defined(shown),
      )
      deepEqual(startedAt, queuedAt)
      equal(run.finishedAt, undefined)
      deepEqual(await store.runs.get(runId), run)
      deepEqual(await store.runs.list({ status: 'queued', limit: 10 }), [run])
    })

    test('enqueue answers busy with the run of the scope that is queued already', async ({ store }) => {
      await prepareScopes(store, staff, teams)
      const first = await enqueue(store)
      const { kind, run } = await store.runs.enqueue(queuedRun())
      deepEqual([kind, run.runId], ['busy', first.runId])
      await enqueue(store, teams)
      equal((await store.runs.list({ limit: 10 })).length, 2)
    })

    test('of eight enqueues at once exactly one is queued', async ({ store }) => {
      await prepareScopes(store, staff)
      const answers = await Promise.all(Array.from({ length: 8 }, () => store.runs.enqueue(queuedRun())))
      equal(answers.filter(({ kind }) => kind === 'queued').length, 1)
      equal(new Set(answers.map(({ run }) => run.runId)).size, 1)
    })

    test('enqueue throws CONNECTOR_NOT_FOUND for an unknown connector', async ({ store }) => {
      await refuses('CONNECTOR_NOT_FOUND', () => store.runs.enqueue(queuedRun()))
    })

    test('a queued run is no run that began: it is not the latest, holds no lease and no place of its tenant', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const before = await finish(store, await begin(store))
      const queued = await enqueue(store)
      await begin(store, {
        run: ({ queued: waiting, latest, running, tenantRunning, guarded }) => {
          deepEqual([waiting?.runId, latest?.runId], [queued.runId, before.runId])
          deepEqual([running, tenantRunning, guarded], [undefined, 0, undefined])
          return {}
        },
      })
      equal((await store.runs.get(queued.runId))?.status, 'queued')
    })

    test('a queued run begins when its id is given, keeps queuedAt and requested, and is the newest', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      await enqueue(store)
      const other = await finish(store, await begin(store))
      await timePasses(1000)
      const [queued] = await store.runs.list({ status: 'queued', limit: 1 })
      ok(queued)
      const run = await begin(store, { run: { runId: queued.runId } })
      deepEqual([run.runId, run.status, run.requested], [queued.runId, 'running', queued.requested])
      deepEqual(run.queuedAt, queued.queuedAt)
      ok(run.startedAt.getTime() >= (queued.queuedAt?.getTime() ?? Infinity) + 1000)
      const ids = (await store.runs.list({ limit: 10 })).map(({ runId }) => runId)
      deepEqual(ids, [run.runId, other.runId])
      equal((await store.runs.renew(leaseOf(run))).held, true)
      await enqueue(store)
    })

    test('enqueue answers the run that has the id already, whatever became of it, and writes nothing', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const wanted = queuedRun()
      const first = await store.runs.enqueue(wanted)
      deepEqual(await store.runs.enqueue(wanted), { kind: 'busy', run: first.run })
      const running = await begin(store, { run: { runId: wanted.runId } })
      deepEqual(await store.runs.enqueue(wanted), { kind: 'busy', run: running })
      const ended = await finish(store, running)
      deepEqual(await store.runs.enqueue(wanted), { kind: 'busy', run: ended })
      equal((await store.runs.list({ limit: 10 })).length, 1)
    })

    test('requestCancel cancels a queued run at once', async ({ store }) => {
      await prepareScopes(store, staff)
      const queued = await enqueue(store)
      equal(await store.runs.requestCancel(queued.runId), true)
      const cancelled = await store.runs.get(queued.runId)
      equal(cancelled?.status, 'cancelled')
      ok(cancelled?.finishedAt)
      equal(await store.runs.requestCancel(queued.runId), false)
      await begin(store, {
        run: ({ queued: waiting, latest }) => {
          deepEqual([waiting, latest], [undefined, undefined])
          return {}
        },
      })
    })

    test('requestCancel leaves a queued run of another connector alone', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const queued = await enqueue(store)
      equal(await store.runs.requestCancel(queued.runId, otherStaff), false)
      equal((await store.runs.get(queued.runId))?.status, 'queued')
      equal(await store.runs.requestCancel(queued.runId, staff), true)
      equal((await store.runs.get(queued.runId))?.status, 'cancelled')
    })

    test('a queued run keeps what it is to approve', async ({ store }) => {
      await prepareScopes(store, staff)
      const requested = { approves: { runId: nextRunId(), by: 'ops' } }
      const { run } = await store.runs.enqueue({ ...queuedRun(), requested })
      deepEqual(run.requested, requested)
      deepEqual((await begin(store, { run: { runId: run.runId } })).requested, requested)
    })

    test('refuse ends a queued run as error, and no other', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const queued = await enqueue(store)
      const error = { code: 'CONNECTOR_PAUSED', message: 'paused' }
      equal(await store.runs.refuse({ runId: queued.runId, error }), true)
      const refused = await store.runs.get(queued.runId)
      deepEqual([refused?.status, refused?.error], ['error', error])
      equal(await store.runs.refuse({ runId: queued.runId, error }), false)
      const running = await begin(store, { scope: otherStaff })
      equal(await store.runs.refuse({ runId: running.runId, error }), false)
      equal((await store.runs.get(running.runId))?.status, 'running')
    })

    test('removing a connector removes its queued runs', async ({ store }) => {
      await prepareScopes(store, staff)
      const queued = await enqueue(store)
      await store.connectors.remove(staff.connectorId)
      equal(await store.runs.get(queued.runId), undefined)
    })
  })
}
