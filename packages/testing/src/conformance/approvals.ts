import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Run, SyncError } from '@syncline/core'
import { staff, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, finish, prepareScopes } from './passes.ts'

const refusal = new SyncError('TENANT_LIMIT_REACHED', 'Not now')

export function testApprovals(suite: StoreSuite): void {
  storeCases(suite, 'RunStore.begin: approvals', (test) => {
    test('guarded is the newest full run while it is guarded and not approved', async ({ store }) => {
      await prepareScopes(store, staff)
      const guarded = async (): Promise<string | undefined> => {
        let seen: Run | undefined
        await store.runs.begin({ ...staff, tenantId }, (state) => {
          seen = state.guarded
          return { kind: 'refuse', error: refusal }
        })
        return seen?.runId
      }
      const end = async (mode: 'full' | 'incremental', status: 'guarded' | 'error') =>
        finish(store, await begin(store, { run: { mode } }), {
          status,
          confirmsScope: false,
          forgetSeen: false,
        })
      const first = await end('full', 'guarded')
      equal(await guarded(), first.runId)
      await end('incremental', 'error')
      equal(await guarded(), first.runId)
      await end('full', 'error')
      equal(await guarded(), undefined)
      const second = await end('full', 'guarded')
      equal(await guarded(), second.runId)
    })

    test('approves stamps the approved run and names it in the new one', async ({ store }) => {
      await prepareScopes(store, staff)
      const guarded = await finish(store, await begin(store), { status: 'guarded' })
      const run = await begin(store, {
        run: { generation: 1, mode: 'incremental', approves: { runId: guarded.runId, by: 'ada' } },
      })
      equal(run.approves, guarded.runId)
      const stamped = await store.runs.get(guarded.runId)
      deepEqual([stamped?.status, stamped?.approvedBy], ['guarded', 'ada'])
      ok(stamped?.approvedAt)
      await finish(store, run)
      await begin(store, { run: (state) => (equal(state.guarded, undefined), {}) })
    })
  })
}
