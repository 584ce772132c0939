import { setImmediate as turn } from 'node:timers/promises'
import { createSyncline, type LimitsInput, type Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock, recordingSink, scriptedConnector } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { people } from './stage.ts'

const failure = { code: 'UPSTREAM_REJECTED', message: 'no' }
const good = [people(2)]
const bad = [{ failures: [failure] }]

/** One connector per type, all of them configured. */
async function setUp(
  types: Record<string, Parameters<typeof scriptedConnector>[0]['resourceTypes']>,
  limits?: LimitsInput,
) {
  const clock = fakeClock({ auto: true })
  const store: Store = memoryStore({ clock })
  const sink = recordingSink()
  const connectorTypes = Object.entries(types).map(([type, resourceTypes]) =>
    scriptedConnector({ type, resourceTypes, clock }),
  )
  const syncline = createSyncline({ store, connectorTypes, clock, limits, onEvent: sink.onEvent })
  for (const { type, resourceTypes } of connectorTypes) {
    await syncline.connectors.save({ connectorId: type, type, tenantId: type.split('-')[0] })
    for (const resourceType of Object.keys(resourceTypes)) {
      await syncline.configs.save({ connectorId: type, resourceType })
    }
  }
  return { syncline, sink, store, clock }
}

describe('syncAll', () => {
  test('reports success, partial or failed by connector; one that fails ends nobody else’s runs', async () => {
    const { syncline } = await setUp({
      'a-fine': { user: { pages: good }, group: { pages: good } },
      'b-half': { user: { pages: bad }, group: { pages: good } },
      'c-none': { user: { pages: bad }, group: { pages: bad } },
    })
    const outcomes = await syncline.syncAll()
    expect(outcomes).toMatchObject([
      { connectorId: 'a-fine', tenantId: 'a', outcome: 'success' },
      { connectorId: 'b-half', outcome: 'partial' },
      { connectorId: 'c-none', outcome: 'failed' },
    ])
    expect(outcomes[1]?.scopes).toMatchObject([
      { resourceType: 'group', run: { status: 'success' } },
      { resourceType: 'user', run: { status: 'error', error: { code: 'UPSTREAM_REJECTED' } } },
    ])
  })

  test('leaves paused connectors out, and refuses one that is asked for', async () => {
    const { syncline } = await setUp({ 'a-1': { user: { pages: good } }, 'a-2': { user: { pages: good } } })
    await syncline.connectors.save({ connectorId: 'a-2', type: 'a-2', status: 'paused', tenantId: 'a' })
    expect(await syncline.syncAll()).toMatchObject([{ connectorId: 'a-1' }])
    expect(await syncline.syncAll({ connectorIds: ['a-2'] })).toMatchObject([
      { outcome: 'failed', scopes: [{ error: { code: 'CONNECTOR_PAUSED' } }] },
    ])
  })

  test('syncs one tenant when asked to', async () => {
    const { syncline } = await setUp({ 'a-1': { user: { pages: good } }, 'b-1': { user: { pages: good } } })
    expect(await syncline.syncAll({ tenantId: 'b' })).toMatchObject([{ connectorId: 'b-1' }])
  })

  test('a tenant’s backlog does not starve another’s single run, and stays within its limit', async () => {
    const slow = { user: { pages: [{ delayMs: 1_000, resources: people(1) }] } }
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, number) => [`big-${number}`, slow]))
    const { syncline, sink } = await setUp({ ...many, 'small-1': slow }, { maxConcurrentRuns: 4 })
    const outcomes = await syncline.syncAll()
    expect(outcomes.every(({ outcome }) => outcome === 'success')).toBe(true)
    const order = sink.of('run.started').map(({ connectorId }) => connectorId)
    expect(order.indexOf('small-1')).toBeLessThanOrEqual(4)
  })

  test('waits while other processes have the tenant’s places', async () => {
    const slow = { user: { pages: [{ delayMs: 60_000, resources: people(1) }] } }
    const { syncline, store, clock } = await setUp(
      { 'a-1': slow, 'a-2': { user: { pages: good } } },
      { maxConcurrentPerTenant: 1 },
    )
    const connector = scriptedConnector({ type: 'a-1', resourceTypes: slow, clock })
    const other = createSyncline({
      store,
      connectorTypes: [connector],
      clock,
      limits: { maxConcurrentPerTenant: 1 },
    })
    const going = other.sync({ connectorId: 'a-1', resourceType: 'user' })
    await turn()
    expect(await syncline.syncAll({ connectorIds: ['a-2'] })).toMatchObject([{ outcome: 'success' }])
    await going
  })

  test('a signal ends what runs as cancelled and begins nothing else', async () => {
    const abort = new AbortController()
    const stopping = () => {
      abort.abort()
      return good
    }
    const { syncline } = await setUp({ 'a-1': { group: { pages: stopping }, user: { pages: good } } })
    const [outcome] = await syncline.syncAll({ signal: abort.signal })
    expect(outcome?.scopes).toMatchObject([
      { run: { status: 'cancelled' } },
      { error: { code: 'RUN_CANCELLED' } },
    ])
  })
})
