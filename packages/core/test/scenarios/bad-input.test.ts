import { createSyncline, defineConnector } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { people, setStage, users } from './stage.ts'

describe('a bad sync config is one clear typed error and nothing is written', () => {
  test.each([
    ['an unknown resource type', { resourceType: 'planet' }, 'RESOURCE_TYPE_UNKNOWN'],
    ['an unknown connector', { connectorId: 'nobody' }, 'CONNECTOR_NOT_FOUND'],
    ['a bad cron', { cronSchedule: 'every day' }, 'CRON_INVALID'],
    ['a bad retention', { staleRetention: '7 days' }, 'RETENTION_INVALID'],
    ['a bad glob', { filterRules: { groupNamePattern: '*'.repeat(17) } }, 'GLOB_INVALID'],
    ['an unknown filter key', { filterRules: { groupNames: ['x'] } }, 'FILTER_INVALID'],
    ['an empty whitelist', { filterRules: { groupIds: [] } }, 'FILTER_INVALID'],
    ['a dangerous volatile path', { volatilePaths: ['attributes.__proto__.x'] }, 'SYNC_CONFIG_INVALID'],
    ['an unknown field', { stratgy: 'full' }, 'SYNC_CONFIG_INVALID'],
    ['a page size of 0', { pageSize: 0 }, 'SYNC_CONFIG_INVALID'],
    ['a guard of 120 percent', { removalGuard: { minRows: 0, percent: 120 } }, 'SYNC_CONFIG_INVALID'],
    ['incremental where upstream has none', { strategy: 'incremental' }, 'INCREMENTAL_UNSUPPORTED'],
  ])('%s', async (_, changes, code) => {
    const stage = await setStage([people(1)], { resourceType: { incremental: false } })
    const before = await stage.syncline.configs.list()
    const config = { ...users, ...changes } as never
    await expect(stage.syncline.configs.save(config)).rejects.toMatchObject({ code })
    expect(await stage.syncline.configs.list()).toEqual(before)
  })
})

describe('a bad connector is one clear typed error and nothing is written', () => {
  test.each([
    ['an unknown type', { type: 'nowhere' }, 'CONNECTOR_TYPE_UNKNOWN'],
    ['an id with a colon', { connectorId: 'a:b' }, 'CONNECTOR_INVALID'],
    ['an unknown field', { secret: 'x' }, 'CONNECTOR_INVALID'],
    ['a config its type refuses', { type: 'strict', config: { url: 1 } }, 'CONNECTOR_CONFIG_INVALID'],
  ])('%s', async (_, changes, code) => {
    const stage = await setStage([people(1)])
    const strict = defineConnector({
      type: 'strict',
      displayName: 'Strict',
      configSchema: z.object({ url: z.url() }),
      resourceTypes: { user: { list: async () => ({ success: true, payload: { resources: [] } }) } },
    })
    const syncline = createSyncline({ store: stage.store, connectorTypes: [stage.connector, strict] })
    const connector = { connectorId: 'new', type: 'scripted', ...changes } as never
    await expect(syncline.connectors.save(connector)).rejects.toMatchObject({ code })
    expect(await syncline.connectors.list()).toHaveLength(1)
  })
})

describe('a sync that cannot begin is refused and nothing is written', () => {
  test('of a paused connector', async () => {
    const stage = await setStage([people(1)])
    await stage.syncline.connectors.save({ connectorId: 'acme', type: 'scripted', status: 'paused' })
    await expect(stage.syncline.sync(users)).rejects.toMatchObject({ code: 'CONNECTOR_PAUSED' })
    expect(await stage.syncline.runs.list()).toEqual([])
  })

  test('incremental where upstream has none', async () => {
    const stage = await setStage([people(1)], { resourceType: { incremental: false } })
    const sync = stage.syncline.sync({ ...users, mode: 'incremental' })
    await expect(sync).rejects.toMatchObject({ code: 'INCREMENTAL_UNSUPPORTED' })
  })
})

describe('options', () => {
  const list = async () => ({ success: true as const, payload: { resources: [] } })
  const type = defineConnector({
    type: 'x',
    displayName: 'X',
    configSchema: z.unknown(),
    resourceTypes: { user: { list } },
  })

  test('out of range are refused', () => {
    const limits = { maxPages: 0 }
    expect(() => createSyncline({ connectorTypes: [type], limits })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining('maxPages') }),
    )
  })

  test('with two types of one name are refused', () => {
    expect(() => createSyncline({ connectorTypes: [type, type] })).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_TYPE_DUPLICATE' }),
    )
  })

  test.each([
    ['a bad name', { ...type, type: 'Bad Name' }],
    ['no resource types', { ...type, resourceTypes: {} }],
    ['a bad resource type', { ...type, resourceTypes: { 'Bad Type': { list } } }],
    ['no list function', { ...type, resourceTypes: { user: {} } }],
    ['no schema', { ...type, configSchema: undefined }],
  ])('a connector type with %s is refused where it is made', (_, definition) => {
    expect(() => defineConnector(definition as never)).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_TYPE_INVALID' }),
    )
  })
})
