import { deepEqual, equal, ok } from 'node:assert/strict'
import type { PeopleCommit, Scope, Store } from '@syncline/core'
import { connectorInput, otherStaff, records, staff, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { fullPassOf, prepareScopes, refuses } from './passes.ts'
import {
  beginPostSync,
  commitParts,
  jobOf,
  linkedTo,
  matchWrite,
  newAction,
  owner,
  peopleOf,
  tryCommit,
} from './people-builders.ts'

const foreign = { tenantId: 'tenant-2' }

/** `staff` belongs to one tenant, `otherStaff` to another one. */
async function setTenants(store: Store): Promise<void> {
  await prepareScopes(store, staff, otherStaff)
  await store.connectors.remove(otherStaff.connectorId)
  await store.connectors.save(connectorInput(otherStaff.connectorId, foreign))
}

const ofForeign = (parts: Partial<PeopleCommit>): Partial<PeopleCommit> => ({
  ...foreign,
  scope: otherStaff,
  ...parts,
})

export function testTenantsOfPeople(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: tenants', (test) => {
    test('links names rows of connectors of the tenant only', async ({ store }) => {
      await setTenants(store)
      await commitParts(store, { matches: [linkedTo('a', 'user-a')] })
      await commitParts(store, ofForeign({ matches: [linkedTo('a', 'user-a'), linkedTo('b', 'user-a')] }))
      const connectorsOf = async (of: typeof owner): Promise<string[]> =>
        (await peopleOf(store).links(['user-a'], of)).map(({ connectorId }) => connectorId)
      deepEqual(await connectorsOf(owner), [staff.connectorId])
      deepEqual(await connectorsOf(foreign), [otherStaff.connectorId, otherStaff.connectorId])
      deepEqual(await connectorsOf({ tenantId: 'tenant-3' }), [])
    })

    test('a row of another tenant that holds an equal user id is no cause to keep a user', async (harness) => {
      const { store } = harness
      await setTenants(store)
      await fullPassOf(harness, records('a'))
      await commitParts(store, { matches: [linkedTo('a', 'user-a')] })
      await commitParts(store, ofForeign({ matches: [linkedTo('a', 'user-a')] }))
      await fullPassOf(harness, [])
      await commitParts(store, { actions: [newAction()] })
    })

    test('lastActions and deactivations know actions of the tenant only', async ({ store }) => {
      await setTenants(store)
      const people = peopleOf(store)
      const mine = newAction({ status: 'done' })
      await commitParts(store, { actions: [mine] })
      await commitParts(store, ofForeign({ actions: [newAction({ status: 'done', kind: 'reactivate' })] }))
      const last = async (of: typeof owner): Promise<string[]> =>
        (await people.lastActions(['user-a'], of)).map(({ kind }) => kind)
      deepEqual([await last(owner), await last(foreign)], [['deactivate'], ['reactivate']])
      const deactivations = (scope: Scope, of: typeof owner) =>
        people.deactivations({ scope, ...of, after: 0, limit: 10 })
      deepEqual(
        (await deactivations(staff, owner)).map(({ actionId }) => actionId),
        [mine.actionId],
      )
      deepEqual(await deactivations(staff, foreign), [])
      deepEqual(await deactivations(otherStaff, foreign), [])
    })

    test('an action and a job contain the tenant they were recorded for', async ({ store }) => {
      await setTenants(store)
      const people = peopleOf(store)
      const action = newAction()
      await commitParts(store, ofForeign({ actions: [action], jobs: [{ ...jobOf('1'), ...foreign }] }))
      await commitParts(store, { actions: [newAction()] })
      equal((await people.action(action.actionId))?.tenantId, foreign.tenantId)
      deepEqual(
        (await people.actions({ ...foreign, limit: 10 })).map(({ actionId }) => actionId),
        [action.actionId],
      )
      deepEqual(
        (await people.claimJobs({ limit: 10, leaseMs: 1000 })).map((job) => job.tenantId),
        [foreign.tenantId],
      )
    })

    test('begin returns the tenant that the connector belongs to now', async ({ store }) => {
      await setTenants(store)
      equal((await beginPostSync(store)).tenantId, tenantId)
      equal((await beginPostSync(store, { scope: otherStaff })).tenantId, foreign.tenantId)
    })

    test('a commit for another tenant than the connector’s is refused, and nothing is written', async ({
      store,
    }) => {
      await setTenants(store)
      const { lease } = await beginPostSync(store)
      for (const held of [undefined, lease]) {
        await refuses('CONNECTOR_NOT_FOUND', () =>
          tryCommit(store, {
            ...foreign,
            lease: held,
            matches: [matchWrite('a')],
            actions: [newAction()],
            jobs: [jobOf('1')],
          }),
        )
      }
      const people = peopleOf(store)
      deepEqual(await people.subjectsOf(staff, ['a']), [])
      deepEqual(await people.actions({ limit: 10 }), [])
      deepEqual(await people.claimJobs({ limit: 10, leaseMs: 1000 }), [])
      ok(await people.renew(lease))
    })
  })
}
