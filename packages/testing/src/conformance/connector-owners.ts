import { deepEqual, equal, ok } from 'node:assert/strict'
import type { ConnectorDefinition, ConnectorWrite, Store } from '@syncline/core'
import { connectorInput, records, staff, teams, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, changesOf, fullPassOf, idsOf, prepareScopes, refuses, startAlways } from './passes.ts'
import { commitParts, done, newAction } from './people-builders.ts'

const { connectorId } = staff
const south = 'tenant-2'
const key = { connectorId, principalId: 'mona', key: 'k' }

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
