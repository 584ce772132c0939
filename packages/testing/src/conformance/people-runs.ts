import { deepEqual, equal, ok } from 'node:assert/strict'
import { noPostSyncStats, type PostSyncRun } from '@syncline/core'
import { defined, otherStaff, record, records, staff, teams } from './builders.ts'
import { type StoreHarness, type StoreSuite, storeCases } from './harness.ts'
import { begin, fullPassOf, prepareScopes, refuses } from './passes.ts'
import {
  beginPostSync,
  finishPostSync,
  jobOf,
  nextActionId,
  peopleOf,
  postSyncLeaseMs,
} from './people-builders.ts'

export function testPeopleRuns(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: runs', testRuns)
  storeCases(suite, 'PeopleStore: due', testDue)
}

const tryBegin = ({ store }: StoreHarness) =>
  peopleOf(store).begin({ scope: staff, runId: nextActionId(), leaseMs: postSyncLeaseMs })

const testRuns: Parameters<typeof storeCases>[2] = (test) => {
  test('begin answers the run as it is kept, up to the last change of the scope', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    await fullPassOf(harness, records('a', 'b'))
    const { run, triggeredTo } = await beginPostSync(store, { planId: 'plan-1' })
    const { startedAt, fencingToken, runId, ...rest } = run
    ok(startedAt instanceof Date && fencingToken > 0 && runId)
    deepEqual(defined(rest), {
      ...staff,
      status: 'running',
      attempt: 1,
      planId: 'plan-1',
      toPosition: 2,
      stats: noPostSyncStats,
    })
    equal(triggeredTo, 0)
    deepEqual((await peopleOf(store).runs({ ...staff, limit: 1 })).map(defined), [defined(run)])
  })

  test('begin and due count changes that were pruned', async (harness) => {
    const { store, timePasses } = harness
    await prepareScopes(store, staff)
    await fullPassOf(harness, records('a', 'b'))
    const first = await beginPostSync(store)
    await finishPostSync(store, first.lease)
    await timePasses(2_000)
    await store.changes.prune({ scope: staff, olderThanMs: 1_000, limit: 100 })
    const due = () => peopleOf(store).due({ resourceTypes: ['user'], limit: 10 })
    deepEqual(await due(), [])
    await fullPassOf(harness, records('a', 'b', 'c'))
    deepEqual(await due(), [staff])
    equal((await beginPostSync(store)).run.toPosition, 3)
  })

  test('of any number of callers one begins, and the others learn which run holds the scope', async (harness) => {
    await prepareScopes(harness.store, staff, teams)
    const answers = await Promise.all(Array.from({ length: 8 }, () => tryBegin(harness)))
    const started = answers.flatMap((answer) => (answer.kind === 'started' ? answer.run.runId : []))
    equal(started.length, 1)
    deepEqual(
      new Set(answers.flatMap((answer) => (answer.kind === 'running' ? answer.runId : []))),
      new Set(started),
    )
    await beginPostSync(harness.store, { scope: teams })
  })

  test('a run whose lease ended is ended as abandoned, and the next gets a higher fencing token', async (harness) => {
    const { store, timePasses } = harness
    await prepareScopes(store, staff)
    const { run, lease } = await beginPostSync(store)
    await timePasses(postSyncLeaseMs + 1_000)
    const next = await beginPostSync(store)
    ok(next.run.fencingToken > run.fencingToken)
    equal(next.run.attempt, 2)
    const [, dead] = await peopleOf(store).runs({ ...staff, limit: 10 })
    deepEqual([dead?.runId, dead?.status, dead?.error?.code], [run.runId, 'error', 'RUN_ABANDONED'])
    ok(dead?.finishedAt instanceof Date)
    equal(await peopleOf(store).renew(lease), false)
    await refuses('LEASE_LOST', () => finishPostSync(store, lease))
  })

  test('renew extends the lease while the run holds it', async (harness) => {
    const { store, timePasses } = harness
    await prepareScopes(store, staff)
    const { lease } = await beginPostSync(store)
    await timePasses(40_000)
    equal(await peopleOf(store).renew(lease), true)
    await timePasses(40_000)
    equal((await tryBegin(harness)).kind, 'running')
    await finishPostSync(store, lease)
    equal(await peopleOf(store).renew(lease), false)
  })

  test('finish keeps everything it names, and repeating it answers the run', async ({ store }) => {
    await prepareScopes(store, staff)
    const { lease } = await beginPostSync(store)
    const stats = { ...noPostSyncStats, matched: 3, jobs: 1 }
    const guard = { linked: 100, candidates: 30, limit: 20, tripped: true }
    const request = { status: 'guarded', stats, guard, jobs: [jobOf('1')] } as const
    const run = await finishPostSync(store, lease, request)
    deepEqual([run.status, run.stats, run.guard], ['guarded', stats, guard])
    ok(run.finishedAt instanceof Date)
    deepEqual(await finishPostSync(store, lease, { ...request, jobs: [jobOf('2')] }), run)
    deepEqual(await peopleOf(store).claimJobs({ limit: 10, leaseMs: 1000 }), [jobOf('1')])
  })

  test('a failed run keeps its error and when to try again; failures in a row are counted', async ({
    store,
  }) => {
    await prepareScopes(store, staff)
    const error = { code: 'USER_DIRECTORY_FAILED', message: 'Down', details: { why: 'x' } }
    const fail = async (): Promise<PostSyncRun> =>
      finishPostSync(store, (await beginPostSync(store)).lease, {
        status: 'error',
        error,
        retryAfterMs: 30_000,
      })
    const first = await fail()
    deepEqual(first.error, error)
    equal(Number(first.retryAt) - Number(first.finishedAt), 30_000)
    equal((await fail()).attempt, 2)
    const { lease, run } = await beginPostSync(store)
    equal(run.attempt, 3)
    await finishPostSync(store, lease)
    equal((await beginPostSync(store)).run.attempt, 1)
  })

  test('runs are listed newest first, those of the scope only', async ({ store }) => {
    await prepareScopes(store, staff, otherStaff)
    const ids: string[] = []
    for (let count = 0; count < 3; count++) {
      const { lease } = await beginPostSync(store)
      ids.unshift(lease.runId)
      await finishPostSync(store, lease)
    }
    await beginPostSync(store, { scope: otherStaff })
    const runs = await peopleOf(store).runs({ ...staff, limit: 2 })
    deepEqual(
      runs.map(({ runId }) => runId),
      ids.slice(0, 2),
    )
  })

  test('begin for a connector that is not there is refused', async (harness) => {
    await refuses('CONNECTOR_NOT_FOUND', () => tryBegin(harness))
  })
}

const testDue: Parameters<typeof storeCases>[2] = (test) => {
  const due = ({ store }: StoreHarness, resourceTypes = ['user']) =>
    peopleOf(store).due({ resourceTypes, limit: 10 })

  test('a scope with changes is due until a post-sync that saw them succeeded', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff, teams)
    deepEqual(await due(harness), [])
    await fullPassOf(harness, records('a'))
    await store.resources.upsertOne({ scope: teams, record: record('t') })
    deepEqual(await due(harness), [staff])
    deepEqual(await due(harness, ['user', 'group']), [teams, staff])
    const { lease } = await beginPostSync(store)
    await store.resources.upsertOne({ scope: staff, record: record('b') })
    await finishPostSync(store, lease)
    deepEqual(await due(harness), [staff])
    await finishPostSync(store, (await beginPostSync(store)).lease, { status: 'guarded' })
    deepEqual(await due(harness), [])
  })

  test('a scope in which a sync or a post-sync is running is not due, until its lease ended', async (harness) => {
    const { store, timePasses } = harness
    await prepareScopes(store, staff)
    await store.resources.upsertOne({ scope: staff, record: record('a') })
    await begin(store)
    deepEqual(await due(harness), [])
    await timePasses(61_000)
    deepEqual(await due(harness), [staff])
    await beginPostSync(store)
    deepEqual(await due(harness), [])
    await timePasses(61_000)
    deepEqual(await due(harness), [staff])
  })

  test('a scope whose last run failed is due once its wait is over, without any change', async (harness) => {
    const { store, timePasses } = harness
    await prepareScopes(store, staff)
    const { lease } = await beginPostSync(store)
    await finishPostSync(store, lease, {
      status: 'error',
      error: { code: 'INTERNAL', message: 'x' },
      retryAfterMs: 30_000,
    })
    deepEqual(await due(harness), [])
    await timePasses(31_000)
    deepEqual(await due(harness), [staff])
  })

  test('a plan that failed is not due by itself', async (harness) => {
    const { store } = harness
    await prepareScopes(store, staff)
    const { lease } = await beginPostSync(store, { planId: 'plan-1' })
    await finishPostSync(store, lease, { status: 'error', error: { code: 'PLAN_OUTDATED', message: 'x' } })
    deepEqual(await due(harness), [])
  })
}
