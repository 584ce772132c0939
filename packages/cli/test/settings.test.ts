import { join } from 'node:path'
import type { SynclineOptions } from '@syncline/core'
import { createSyncline } from '@syncline/core'
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import type { ConfiguredPeople, SynclineConfig } from '../src/config.ts'
import { cliInProcess } from './cli-in-process.ts'
import { acme, reset, state } from './fixture/settings.config.ts'

const config = join(import.meta.dirname, 'fixture/settings.config.ts')
const cli = (...args: string[]) => cliInProcess([...args, '--config', config])
const scope = { connectorId: 'acme', resourceType: 'user' }

const host = () => createSyncline({ store: state.store, connectorTypes: [acme] })

/** What a host has stored: everything differs from the defaults. */
const stored = {
  connector: {
    connectorId: 'acme',
    tenantId: 'north',
    type: 'acme',
    name: 'Acme Inc.',
    status: 'active',
    credentialRef: 'secret-1',
    config: { region: 'eu' },
  },
  settings: {
    enabled: true,
    cronSchedule: '0 6 * * *',
    cronTimeZone: 'Europe/Berlin',
    deactivateUsers: true,
    pageSize: 50,
    filterRules: { emailDomains: ['x.y'] },
    removalGuard: null,
  },
} as const

beforeEach(async () => {
  reset()
  const { connectors, configs } = host()
  await connectors.save(stored.connector)
  await configs.save({ ...scope, ...stored.settings })
})

const everything = async () => {
  const { connectors, configs } = host()
  return {
    connectors: await connectors.list(),
    settings: (await configs.list()).map((settings) => ({ ...settings, watermark: 'any' })),
  }
}

describe('sync, and work, with a file that states nothing about a stored connector', () => {
  test.each([
    {},
    { connectors: undefined },
    { connectors: [{ connectorId: 'acme', type: 'acme', sync: { user: {} } }] },
  ])('changes no setting, name, tenant, credential or schedule (%j)', async (file) => {
    Object.assign(state.config, file)
    const before = await everything()
    const { code, stderr } = await cli('sync')
    expect([code, stderr.includes('→')]).toEqual([0, false])
    expect(await everything()).toEqual(before)
  })

  test('never resumes a paused connector', async () => {
    await host().connectors.pause({ connectorId: 'acme', tenantId: 'north' })
    state.config.connectors = [{ connectorId: 'acme', type: 'acme', sync: { user: {} } }]
    const { code, stderr } = await cli('sync', 'acme', 'user')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('CONNECTOR_PAUSED') })
    expect((await host().connectors.get('acme'))?.status).toBe('paused')
  })
})

describe('sync with a file that states other values', () => {
  test('changes exactly these and reports each', async () => {
    state.config.connectors = [
      {
        connectorId: 'acme',
        type: 'acme',
        name: 'Acme',
        sync: { user: { pageSize: 500, cronSchedule: null } },
      },
    ]
    const { stderr } = await cli('sync')
    expect(stderr.split('\n').filter((line) => line.includes('→'))).toEqual([
      'acme  name "Acme Inc." → "Acme"',
      'acme user  pageSize 50 → 500',
      'acme user  cronSchedule "0 6 * * *" → none',
    ])
    expect(await host().connectors.get('acme')).toMatchObject({ ...stored.connector, name: 'Acme' })
    const now = await host().configs.get(scope)
    expect(now?.cronSchedule).toBeUndefined()
    expect({ ...now, cronSchedule: stored.settings.cronSchedule }).toMatchObject({
      ...stored.settings,
      pageSize: 500,
    })
  })

  test('reports a change once: the second sync has none', async () => {
    state.config.connectors = [
      {
        connectorId: 'acme',
        type: 'acme',
        sync: { user: { pageSize: null, staleRetention: null, deactivationGuard: null, filterRules: null } },
      },
    ]
    expect((await cli('sync')).stderr).toContain('pageSize 50 → 500')
    expect((await cli('sync')).stderr).not.toContain('→')
  })

  test('of one named connector leaves the others of the file alone', async () => {
    state.config.connectors = [
      { connectorId: 'acme', type: 'acme', name: 'Other', sync: { user: {} } },
      { connectorId: 'beta', type: 'acme', sync: { user: {} } },
    ]
    const { stderr } = await cli('sync', 'beta')
    expect(stderr).toContain('beta  added')
    expect((await host().connectors.get('acme'))?.name).toBe('Acme Inc.')
  })

  test('refuses another tenant and moves nothing', async () => {
    state.config.connectors = [{ connectorId: 'acme', type: 'acme', tenantId: 'south', sync: { user: {} } }]
    await expect(cli('sync')).rejects.toMatchObject({ message: expect.stringContaining('another tenant') })
    expect((await host().connectors.get('acme'))?.tenantId).toBe('north')
  })

  test('check shows what sync would change, and changes nothing', async () => {
    state.config.connectors = [
      { connectorId: 'acme', type: 'acme', name: 'Acme', sync: { user: { pageSize: 9 } } },
    ]
    const before = await everything()
    const { stdout } = await cli('check')
    expect(stdout).toContain('sync would change: acme  name "Acme Inc." → "Acme"')
    expect(stdout).toContain('sync would change: acme user  pageSize 50 → 9')
    expect(await everything()).toEqual(before)
  })
})

test('every option of createSyncline has a place in the configuration file', () => {
  expectTypeOf<
    Exclude<keyof SynclineOptions, keyof SynclineConfig | keyof ConfiguredPeople>
  >().toEqualTypeOf<never>()
})

test('a file without connectors and connector types serves the commands that read', async () => {
  Object.assign(state.config, { connectorTypes: [], connectors: [] })
  expect((await cli('connectors')).stdout).toMatch(/acme\s+north/)
  expect((await cli('status')).stdout).toMatch(/acme\s+user/)
})

test('options of the file reach createSyncline', async () => {
  const kinds: string[] = []
  Object.assign(state.config, {
    allowedNetworks: ['127.0.0.1'],
    retention: { runs: '7d' },
    onEvent: ({ kind }: { kind: string }) => kinds.push(kind),
  })
  await cli('sync')
  expect(kinds).toContain('run.finished')
  expect(state.allowedNetworks).toEqual(['127.0.0.1'])
  Object.assign(state.config, { retention: { runs: 'ever' } })
  await expect(cli('sync')).rejects.toMatchObject({ code: 'RETENTION_INVALID' })
  Object.assign(state.config, { retention: undefined, cache: 5 })
  await expect(cli('sync')).rejects.toMatchObject({
    message: expect.stringContaining('cache: must be a function that opens a cache'),
  })
})
