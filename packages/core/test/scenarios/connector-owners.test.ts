import { createSyncline, type Syncline } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { recordingSink, scriptedConnector } from '@syncline/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { people } from './stage.ts'

const connector = scriptedConnector({ resourceTypes: { user: { pages: [people(2)] } } })
const picky = {
  ...scriptedConnector({ resourceTypes: { user: { pages: [[]] } } }),
  type: 'picky',
  configSchema: z.object({ baseUrl: z.string() }),
}
const hr = { connectorId: 'hr', tenantId: 'north', type: connector.type } as const
const sink = recordingSink()
const lines: unknown[] = []
const note = (fields: object, message: string) => lines.push([fields, message])
let syncline: Syncline

beforeEach(() => {
  lines.length = 0
  syncline = createSyncline({
    store: memoryStore(),
    connectorTypes: [connector, picky],
    credentials: memoryCredentialStore(),
    logger: { debug: note, info: note, warn: note, error: note },
    onEvent: sink.onEvent,
  })
})

describe('connectors.save', () => {
  test.each([
    { who: 'another tenant', tenantId: 'south' },
    { who: 'a caller that names no tenant', tenantId: undefined },
  ])('refuses the id of a connector to $who, and moves nothing', async ({ tenantId }) => {
    const kept = await syncline.connectors.save({ ...hr, credentialRef: 'hr', status: 'paused' })
    await expect(syncline.connectors.save({ ...hr, tenantId })).rejects.toMatchObject({
      code: 'CONNECTOR_TENANT_MISMATCH',
      message: expect.not.stringContaining('north'),
    })
    expect(await syncline.connectors.get('hr')).toEqual(kept)
  })

  test('reports the mismatch before it checks the config', async () => {
    await syncline.connectors.save({ ...hr, type: 'picky', config: { baseUrl: 'x' } })
    const bare = { connectorId: 'hr', tenantId: 'south', type: 'picky' }
    await expect(syncline.connectors.save(bare)).rejects.toMatchObject({ code: 'CONNECTOR_TENANT_MISMATCH' })
  })

  test('never ends a pause, renames, unlinks or empties by what it leaves out', async () => {
    const given = { ...hr, name: 'People', config: { a: 1 }, credentialRef: 'hr', status: 'paused' } as const
    await syncline.connectors.save(given)
    expect(await syncline.connectors.save(hr)).toMatchObject(given)
    expect(await syncline.connectors.save({ ...hr, credentialRef: null })).not.toHaveProperty('credentialRef')
  })

  test('checks the config that a connector keeps', async () => {
    await syncline.connectors.save({ ...hr, type: 'picky', config: { baseUrl: 'x' } })
    await syncline.connectors.save({ ...hr, type: 'picky', name: 'Renamed' })
    // The config of one type is not that of another.
    await syncline.connectors.save({ ...hr, config: { baseUrl: 'x' } })
    await expect(syncline.connectors.save({ ...hr, type: 'picky' })).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
    })
  })

  test('refuses a config with a secret of the credential that the connector keeps', async () => {
    await syncline.credentials.save({ tenantId: 'north', ref: 'hr', values: { token: 'a-secret-token' } })
    await syncline.connectors.save({ ...hr, credentialRef: 'hr' })
    await expect(
      syncline.connectors.save({ ...hr, config: { token: 'a-secret-token' } }),
    ).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
    })
  })
})

describe('connectors.pause and resume', () => {
  test('change the status alone', async () => {
    const { updatedAt: _at, ...saved } = await syncline.connectors.save({ ...hr, credentialRef: 'hr' })
    expect(await syncline.connectors.pause(hr)).toMatchObject({ ...saved, status: 'paused' })
    await expect(syncline.sync({ connectorId: 'hr', resourceType: 'user' })).rejects.toMatchObject({
      code: 'CONNECTOR_PAUSED',
    })
    expect(await syncline.connectors.resume(hr)).toMatchObject(saved)
  })

  test.each(['pause', 'resume', 'check'] as const)(
    '%s does not find a connector of another tenant',
    async (act) => {
      const kept = await syncline.connectors.save(hr)
      for (const tenantId of ['south', 'default']) {
        const asked =
          act === 'check'
            ? syncline.connectors.check('hr', { tenantId })
            : syncline.connectors[act]({ connectorId: 'hr', tenantId })
        await expect(asked).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
      }
      expect(await syncline.connectors.get('hr')).toEqual(kept)
    },
  )
})

describe('connectors.remove', () => {
  test.each([{}, { tenantId: 'south' }])('removes nothing for %j', async (owner) => {
    await syncline.connectors.save(hr)
    expect(await syncline.connectors.remove('hr', owner)).toBe(false)
    expect(await syncline.connectors.remove('hr', { tenantId: 'north' })).toBe(true)
    expect(await syncline.connectors.remove('hr', { tenantId: 'north' })).toBe(false)
  })
})

describe('connectors.move', () => {
  test('hands a connector over, paused, announces it and writes a log line', async () => {
    await syncline.connectors.save({ ...hr, credentialRef: 'hr' })
    await syncline.sync({ connectorId: 'hr', resourceType: 'user' })
    const moved = await syncline.connectors.move({ connectorId: 'hr', from: 'north', to: 'south' })
    expect(moved).toMatchObject({ tenantId: 'south', status: 'paused' })
    expect(moved).not.toHaveProperty('credentialRef')
    expect((await syncline.resources.list({ connectorId: 'hr', tenantId: 'south' })).total).toBe(2)
    expect((await syncline.resources.list({ connectorId: 'hr', tenantId: 'north' })).total).toBe(0)
    expect(sink.events.at(-1)).toMatchObject({
      kind: 'connector.moved',
      connectorId: 'hr',
      tenantId: 'south',
      formerTenantId: 'north',
    })
    expect(JSON.stringify(lines)).toContain('connector moved to another tenant')
    await syncline.connectors.resume({ connectorId: 'hr', tenantId: 'south' })
    const run = await syncline.sync({ connectorId: 'hr', resourceType: 'user' })
    expect(run).toMatchObject({ status: 'success', tenantId: 'south', mode: 'full' })
  })

  test('refuses a connector that is not that tenant’s, and a move to the same tenant', async () => {
    await syncline.connectors.save(hr)
    const move = { connectorId: 'hr', from: 'south', to: 'east' }
    await expect(syncline.connectors.move(move)).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
    for (const wrong of [
      { ...move, to: 'south' },
      { ...move, to: '' },
    ]) {
      await expect(syncline.connectors.move(wrong)).rejects.toMatchObject({ code: 'CONNECTOR_INVALID' })
    }
    expect(await syncline.connectors.get('hr')).toMatchObject({ tenantId: 'north' })
  })
})
