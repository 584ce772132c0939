import { deepEqual, equal } from 'node:assert/strict'
import type { ConnectorDefinition, Store } from '@syncline/core'
import { connectorInput, finishOf, leaseMs, leaseOf, pageOf, records, staff, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, fullPassOf, idsOf, prepareScopes, refuses } from './passes.ts'
import {
  beginPostSync,
  commitParts,
  done,
  linkedTo,
  matchWrite,
  newAction,
  peopleOf,
} from './people-builders.ts'

const { connectorId } = staff
const south = 'tenant-2'
const move = { connectorId, from: tenantId, to: south }

const ownerOf = async (store: Store): Promise<string | undefined> =>
  (await store.connectors.get(connectorId))?.tenantId

const shownOf = async (store: Store): Promise<Partial<ConnectorDefinition>> => {
  const {
    createdAt: _created,
    updatedAt: _updated,
    ...shown
  } = (await store.connectors.get(connectorId)) ?? {}
  return shown
}

export function testConnectorMoves(suite: StoreSuite): void {
  storeCases(suite, 'ConnectorStore: move', (test) => {
    test('move hands over resources and runs, paused and without the credential', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      const input = connectorInput('hr', { credentialRef: 'vault:hr', config: { a: 1 } })
      await store.connectors.save(input)
      await fullPassOf(harness, records('1', '2'))
      const moved = await store.connectors.move(move)
      const { credentialRef: _secret, ...rest } = input
      deepEqual(await shownOf(store), { ...rest, tenantId: south, status: 'paused' })
      deepEqual(moved, await store.connectors.get('hr', { tenantId: south }))
      deepEqual(await idsOf(store), ['1', '2'])
      equal(await store.runs.count({ tenantId: south }), 1)
      equal(await store.runs.count({ tenantId }), 0)
      const config = await store.configs.get(staff)
      deepEqual([config?.watermark, config?.nextRunAt], [undefined, undefined])
    })

    test('move does nothing for a tenant that does not own the connector', async ({ store }) => {
      await prepareScopes(store, staff)
      equal(await store.connectors.move({ connectorId, from: south, to: 'tenant-3' }), undefined)
      equal(await store.connectors.move({ ...move, connectorId: 'nobody' }), undefined)
      equal(await ownerOf(store), tenantId)
    })

    test('move is refused while a run is in progress or queued', async ({ store }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await refuses('SYNC_ALREADY_RUNNING', () => store.connectors.move(move))
      await store.runs.finish(finishOf(run))
      const { mode, checkpoint, stats, timings } = run
      await store.runs.enqueue({
        ...staff,
        tenantId,
        runId: 'queued',
        requested: {},
        mode,
        checkpoint,
        stats,
        timings,
      })
      await refuses('SYNC_ALREADY_RUNNING', () => store.connectors.move(move))
      equal(await ownerOf(store), tenantId)
      await store.runs.requestCancel('queued')
      equal((await store.connectors.move(move))?.tenantId, south)
    })

    test('a run whose lease ended never writes again after a move', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const run = await begin(store)
      await timePasses(leaseMs + 1)
      equal((await store.connectors.move(move))?.tenantId, south)
      equal((await store.runs.renew(leaseOf(run))).held, false)
      await refuses('LEASE_LOST', () => store.resources.commitPage(pageOf(run, 1, { records: records('1') })))
      const ended = await store.runs.get(run.runId, { tenantId: south })
      deepEqual([ended?.status, ended?.error?.code, ended?.resumable], ['error', 'RUN_ABANDONED', false])
    })

    test('a moved connector keeps no idempotency keys and no message ids', async ({ store }) => {
      await prepareScopes(store, staff)
      const request = { connectorId, principalId: 'mona', key: 'k', leaseMs: 0 }
      await store.requests.claim({ ...request, fingerprint: 'f-1', effectId: 'theirs' })
      await store.webhooks?.note({ connectorId, messageId: 'm' })
      await store.connectors.move(move)
      equal(
        (await store.requests.claim({ ...request, fingerprint: 'f-2', effectId: 'ours' })).kind,
        'claimed',
      )
      equal(await store.webhooks?.note({ connectorId, messageId: 'm' }), store.webhooks && true)
    })
  })
}

/** Promises about people, for stores that keep matches. */
export function testMovedPeople(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: moved connectors', (test) => {
    test('move is refused while a post-sync is in progress', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const { lease } = await beginPostSync(store)
      await refuses('POST_SYNC_ALREADY_RUNNING', () => store.connectors.move(move))
      await timePasses(leaseMs + 1)
      equal((await store.connectors.move(move))?.tenantId, south)
      await refuses('CONNECTOR_NOT_FOUND', () => commitParts(store, { lease }))
      await refuses('LEASE_LOST', () => commitParts(store, { tenantId: south, lease }))
    })

    test('move is refused while a match row holds a user or an action is not settled', async ({ store }) => {
      await prepareScopes(store, staff)
      await commitParts(store, { matches: [linkedTo('a', 'user-1')] })
      await refuses('CONNECTOR_LINKED', () => store.connectors.move(move))
      const open = newAction({ userId: 'user-2' })
      await commitParts(store, { matches: [matchWrite('a', { version: 1 })], actions: [open] })
      await refuses('CONNECTOR_LINKED', () => store.connectors.move(move))
      equal(await ownerOf(store), tenantId)
      await commitParts(store, { settled: [{ actionId: open.actionId, status: 'abandoned' }] })
      equal((await store.connectors.move(move))?.tenantId, south)
    })

    test('match rows, post-sync runs and the journal do not move', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('a'))
      await commitParts(store, { matches: [matchWrite('a')] })
      await done(store, { userId: 'user-1' })
      const { lease } = await beginPostSync(store)
      await harness.timePasses(leaseMs + 1)
      await store.connectors.move(move)
      const people = peopleOf(store)
      equal(await people.count(staff), 0)
      deepEqual(await people.runs({ ...staff, limit: 10 }), [])
      equal(await people.renew(lease), false)
      deepEqual(await people.actions({ connectorId, limit: 10 }), [])
      deepEqual(await people.deactivations({ scope: staff, tenantId: south, after: 0, limit: 10 }), [])
      deepEqual(await people.deactivations({ scope: staff, tenantId, after: 0, limit: 10 }), [])
      equal((await people.actions({ tenantId, limit: 10 })).length, 1)
      deepEqual(await people.due({ resourceTypes: ['user'], limit: 10 }), [staff])
    })
  })
}
