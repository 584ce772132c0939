import { deepEqual, equal } from 'node:assert/strict'
import { leaseMs, leaseOf, nextRunId, otherStaff, pageOf, staff, teams } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, prepareScopes, takeOver } from './passes.ts'

export function testRunHistory(suite: StoreSuite): void {
  storeCases(suite, 'RunStore leases and history', (test) => {
    test('renew extends the lease from now', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await timePasses(leaseMs - 10_000)
      deepEqual(await store.runs.renew(leaseOf(run)), { held: true, cancelRequested: false })
      await timePasses(20_000)
      deepEqual(await store.runs.abandoned(10), [])
      await timePasses(leaseMs)
      equal((await store.runs.abandoned(10)).length, 1)
    })

    test('renew answers that the lease is not held once the run ended or was taken over', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const dead = await begin(store)
      const next = await takeOver(harness)
      equal((await store.runs.renew(leaseOf(dead))).held, false)
      equal((await store.runs.renew(leaseOf(next))).held, true)
      await finish(store, next)
      equal((await store.runs.renew(leaseOf(next))).held, false)
      equal((await store.runs.renew({ ...leaseOf(next), runId: nextRunId() })).held, false)
    })

    test('requestCancel reaches a running run with its next renewal and page', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      equal(await store.runs.requestCancel(run.runId), true)
      equal((await store.runs.renew(leaseOf(run))).cancelRequested, true)
      equal((await store.resources.commitPage(pageOf(run, 1))).cancelRequested, true)
      equal((await store.runs.get(run.runId))?.cancelRequested, true)
    })

    test('requestCancel answers false for a run that is not running', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await finish(store, await begin(store))
      equal(await store.runs.requestCancel(run.runId), false)
      equal(await store.runs.requestCancel(nextRunId()), false)
      equal((await store.runs.get(run.runId))?.cancelRequested, false)
    })

    test('abandoned lists running runs whose lease ran out, up to the limit', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      const ended = await begin(store, { scope: staff })
      const dead = await begin(store, { scope: teams })
      await finish(store, ended)
      deepEqual(await store.runs.abandoned(10), [])
      await timePasses(leaseMs + 1000)
      await begin(store, { scope: otherStaff })
      deepEqual(
        (await store.runs.abandoned(10)).map(({ runId }) => runId),
        [dead.runId],
      )
      await timePasses(leaseMs + 1000)
      equal((await store.runs.abandoned(1)).length, 1)
      equal((await store.runs.abandoned(10)).length, 2)
    })

    test('list is newest first and filters by scope, status and an earlier run', async (harness) => {
      const { store, timePasses } = harness
      await prepareScopes(store, staff, teams, otherStaff)
      const ids: string[] = []
      for (const scope of [staff, staff, teams, otherStaff]) {
        const run = await begin(store, { scope })
        ids.unshift(run.runId)
        await finish(store, run, { status: scope === teams ? 'error' : 'success' })
        await timePasses(1000)
      }
      const list = async (query: Omit<Parameters<typeof store.runs.list>[0], 'limit'>, limit = 10) =>
        (await store.runs.list({ ...query, limit })).map(({ runId }) => runId)
      deepEqual(await list({}), ids)
      deepEqual(await list({}, 2), ids.slice(0, 2))
      deepEqual(await list({ before: ids[1] }), ids.slice(2))
      deepEqual(await list({ connectorId: 'hr' }), ids.slice(1))
      deepEqual(await list(staff), ids.slice(2))
      deepEqual(await list({ status: 'error' }), ids.slice(1, 2))
      deepEqual(await list({ connectorId: 'hr', before: ids[2] }), ids.slice(3))
    })

    test('list passes over an offset, and count answers how many there are in all', async ({ store }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      const ids: string[] = []
      for (const scope of [staff, staff, staff, teams, otherStaff]) {
        const run = await begin(store, { scope })
        ids.unshift(run.runId)
        await finish(store, run, { status: scope === teams ? 'error' : 'success' })
      }
      const list = async (query: Parameters<typeof store.runs.list>[0]) =>
        (await store.runs.list(query)).map(({ runId }) => runId)
      deepEqual(await list({ limit: 2, offset: 1 }), ids.slice(1, 3))
      deepEqual(await list({ ...staff, limit: 2, offset: 1 }), ids.slice(3))
      deepEqual(await list({ ...staff, limit: 2, offset: 3 }), [])
      deepEqual(await list({ connectorId: 'hr', before: ids[1], limit: 2, offset: 1 }), ids.slice(3))
      equal(await store.runs.count({}), 5)
      equal(await store.runs.count({ connectorId: 'hr' }), 4)
      equal(await store.runs.count(staff), 3)
      equal(await store.runs.count({ connectorId: 'hr', status: 'error' }), 1)
      equal(await store.runs.count({ connectorId: 'nobody' }), 0)
    })

    test('get answers undefined for an unknown run', async ({ store }) => {
      equal(await store.runs.get(nextRunId()), undefined)
    })

    test('get answers undefined for a run of another connector', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const run = await begin(store)
      deepEqual(await store.runs.get(run.runId, staff), run)
      deepEqual(await store.runs.get(run.runId, {}), run)
      equal(await store.runs.get(run.runId, otherStaff), undefined)
      equal(await store.runs.get(run.runId, { connectorId: 'nobody' }), undefined)
    })

    test('requestCancel leaves a run of another connector alone', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const run = await begin(store)
      equal(await store.runs.requestCancel(run.runId, otherStaff), false)
      deepEqual(await store.runs.get(run.runId), run)
      equal(await store.runs.requestCancel(run.runId, staff), true)
      equal((await store.runs.get(run.runId))?.cancelRequested, true)
    })

    test('list knows no run of another connector to go on from', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      const first = await finish(store, await begin(store))
      const other = await finish(store, await begin(store, { scope: otherStaff }))
      const before = async (runId: string) =>
        (await store.runs.list({ connectorId: 'hr', before: runId, limit: 10 })).length
      equal(await before(other.runId), 0)
      equal(await before(nextRunId()), 0)
      equal((await store.runs.list({ before: other.runId, limit: 10 })).length, 1)
      equal(await before(first.runId), 0)
      const later = await finish(store, await begin(store))
      equal(await before(later.runId), 1)
    })
  })
}
