import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConnectorDefinition, ConnectorWrite, Store } from '@syncline/core'
import {
  connectorInput,
  finishOf,
  leaseMs,
  leaseOf,
  pageOf,
  records,
  staff,
  teams,
  tenantId,
} from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, changesOf, fullPassOf, idsOf, prepareScopes, refuses, startAlways } from './passes.ts'
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
const key = { connectorId, principalId: 'mona', key: 'k' }
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

export function testConnectorOwners(suite: StoreSuite): void {
  testSaving(suite)
  testRemoving(suite)
  testMoving(suite)
}

function testSaving(suite: StoreSuite): void {
  storeCases(suite, 'ConnectorStore: owners', (test) => {
    test('save refuses the id of another tenant and changes nothing', async ({ store }) => {
      const kept = await store.connectors.save(connectorInput('hr', { credentialRef: 'vault:hr' }))
      const taken = connectorInput('hr', {
        tenantId: south,
        name: 'Taken',
        credentialRef: 'theirs',
        status: 'paused',
      })
      await refuses('CONNECTOR_TENANT_MISMATCH', () => store.connectors.save(taken))
      deepEqual(await store.connectors.get('hr'), kept)
      deepEqual(await store.connectors.list({ tenantId: south }), [])
    })

    test('a refusal does not contain the tenant that owns the connector', async ({ store }) => {
      await store.connectors.save(connectorInput('hr', { tenantId: 'owner-nobody-may-learn' }))
      const error: unknown = await store.connectors
        .save(connectorInput('hr'))
        .catch((thrown: unknown) => thrown)
      ok(error instanceof Error)
      const { message, details = {} } = error as Error & { details?: object }
      ok(!JSON.stringify([message, details]).includes('owner-nobody-may-learn'))
    })

    test('of tenants that save one new id at once, one gets it', async ({ store }) => {
      const tenants = ['a', 'b', 'c', 'd', 'e', 'f']
      const outcomes = await Promise.allSettled(
        tenants.map((tenant) => store.connectors.save(connectorInput('hr', { tenantId: tenant }))),
      )
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      equal(winners.length, 1)
      deepEqual(await store.connectors.list({}), winners)
    })

    test('save keeps the fields that are left out, and null removes the credential', async ({ store }) => {
      const config = { baseUrl: 'https://hr.example' }
      const first = connectorInput('hr', { config, credentialRef: 'vault:hr', status: 'paused', name: 'HR' })
      await store.connectors.save(first)
      const bare = { connectorId, tenantId, type: first.type }
      await store.connectors.save(bare)
      deepEqual(await shownOf(store), first)
      await store.connectors.save({ ...bare, name: 'People' })
      deepEqual(await shownOf(store), { ...first, name: 'People' })
      await store.connectors.save({ ...bare, credentialRef: null, status: 'active', config: {} })
      const { credentialRef: _removed, ...rest } = first
      deepEqual(await shownOf(store), { ...rest, name: 'People', status: 'active', config: {} })
    })

    test('another type keeps neither the config nor the credential of the former type', async ({ store }) => {
      const config = { baseUrl: 'https://hr.example' }
      await store.connectors.save(
        connectorInput('hr', { config, credentialRef: 'vault:hr', status: 'paused', name: 'HR' }),
      )
      await store.connectors.save({ connectorId, tenantId, type: 'other' })
      deepEqual(await shownOf(store), {
        connectorId,
        tenantId,
        type: 'other',
        name: 'HR',
        config: {},
        status: 'paused',
      })
    })

    test('a new connector gets its id as its name, no config, no credential, and is active', async ({
      store,
    }) => {
      await store.connectors.save({ connectorId, tenantId, type: 'scripted' })
      deepEqual(await shownOf(store), connectorInput('hr', { name: 'hr' }))
    })

    test('writers of different fields at once keep both', async ({ store }) => {
      await store.connectors.save(connectorInput('hr'))
      const bare = { connectorId, tenantId, type: 'scripted' }
      const writes: readonly ConnectorWrite[] = [
        { ...bare, name: 'Renamed' },
        { ...bare, config: { a: 1 } },
        { ...bare, credentialRef: 'vault:hr' },
        { ...bare, status: 'paused' },
      ]
      await Promise.all(writes.map((write) => store.connectors.save(write)))
      deepEqual(await shownOf(store), Object.assign({}, ...writes))
    })

    test('setStatus changes the status alone, and only of a connector of the tenant', async ({ store }) => {
      const input = connectorInput('hr', { credentialRef: 'vault:hr' })
      await store.connectors.save(input)
      equal(await store.connectors.setStatus('hr', { tenantId: south, status: 'paused' }), undefined)
      equal(await store.connectors.setStatus('nobody', { tenantId, status: 'paused' }), undefined)
      deepEqual(await shownOf(store), input)
      equal((await store.connectors.setStatus('hr', { tenantId, status: 'paused' }))?.status, 'paused')
      deepEqual(await shownOf(store), { ...input, status: 'paused' })
    })

    test('no run begins and none is queued for a tenant that does not own the connector', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      for (const scope of [staff, teams]) {
        await refuses('CONNECTOR_NOT_FOUND', () =>
          store.runs.begin({ ...scope, tenantId: south }, startAlways()),
        )
      }
      const run = await begin(store)
      const { runId, requested = {}, mode, checkpoint, stats, timings } = { ...run, runId: 'another' }
      await refuses('CONNECTOR_NOT_FOUND', () =>
        store.runs.enqueue({ ...staff, tenantId: south, runId, requested, mode, checkpoint, stats, timings }),
      )
      equal((await store.runs.list({ limit: 10 })).length, 1)
    })

    test('runs are found, listed, counted and cancelled by tenant', async ({ store }) => {
      await prepareScopes(store, staff)
      const { runId } = await begin(store)
      const theirs = { tenantId: south }
      equal(await store.runs.get(runId, theirs), undefined)
      equal(await store.runs.requestCancel(runId, theirs), false)
      equal((await store.runs.get(runId, { tenantId }))?.cancelRequested, false)
      deepEqual(await store.runs.list({ ...theirs, limit: 10 }), [])
      equal(await store.runs.count(theirs), 0)
      deepEqual(
        (await store.runs.list({ tenantId, limit: 10 })).map((run) => run.runId),
        [runId],
      )
      equal(await store.runs.count({ tenantId }), 1)
      equal(await store.runs.requestCancel(runId, { tenantId }), true)
    })
  })
}

function testRemoving(suite: StoreSuite): void {
  storeCases(suite, 'ConnectorStore: removal', (test) => {
    test('remove with a tenant leaves a connector of another tenant alone', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1'))
      equal(await store.connectors.remove('hr', { tenantId: south }), false)
      equal(await store.connectors.remove('hr', { tenantId: '' }), false)
      deepEqual(await idsOf(store), ['1'])
      equal(await store.connectors.remove('hr', { tenantId }), true)
      deepEqual(await store.connectors.list({}), [])
    })

    test('a connector made again by another tenant inherits nothing', async (harness) => {
      const { store } = harness
      await prepareScopes(store, staff)
      await fullPassOf(harness, records('1', '2'))
      await store.requests.claim({
        ...key,
        fingerprint: 'f-1',
        effectId: 'theirs',
        leaseMs: 0,
      })
      await store.webhooks?.note({ connectorId, messageId: 'm' })
      if (store.people) {
        await commitParts(store, { actions: [newAction({ userId: 'u-open' })] })
        await done(store, { userId: 'u-done' })
      }
      await store.connectors.remove('hr', { tenantId })
      await store.connectors.save(connectorInput('hr', { tenantId: south }))

      deepEqual([await idsOf(store), await changesOf(store)], [[], []])
      deepEqual(await store.runs.list({ connectorId, limit: 10 }), [])
      const claimed = await store.requests.claim({
        ...key,
        fingerprint: 'f-2',
        effectId: 'ours',
        leaseMs: 0,
      })
      deepEqual(claimed, { kind: 'claimed', claim: 1, effectId: 'ours' })
      equal(await store.webhooks?.note({ connectorId, messageId: 'm' }), store.webhooks && true)
      if (!store.people) return
      const slice = { scope: staff, tenantId: south, after: 0, limit: 10 }
      deepEqual(await store.people.actions({ connectorId, limit: 10 }), [])
      deepEqual([await store.people.openActions(slice), await store.people.deactivations(slice)], [[], []])
      equal((await store.people.actions({ tenantId, limit: 10 })).length, 2)
    })
  })
}

function testMoving(suite: StoreSuite): void {
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
