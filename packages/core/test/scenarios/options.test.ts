import { createSyncline } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { people, setStage, users } from './stage.ts'

const refusal = (options: object) => {
  try {
    createSyncline({ connectorTypes: [], ...options })
  } catch (error) {
    return error
  }
  return undefined
}

describe('createSyncline', () => {
  test.each<[string, object, RegExp]>([
    ['an option that is misspelt', { stores: 1 }, /"stores" is not an option; did you mean "store"\?/],
    ['an option nobody knows', { unheardOf: 1 }, /"unheardOf" is not an option; the options are store, /],
    ['no connector types', { connectorTypes: undefined }, /connectorTypes must be a list/],
    ['a limit that is misspelt', { limits: { leaseMS: 1 } }, /did you mean leaseMs\?/],
    ['a lease that cannot be renewed', { limits: { leaseMs: 1 } }, /leaseMs: .*500/],
    ['a prefix that is too long', { allowedNetworks: ['10.0.0.0/99'] }, /'10.0.0.0\/99' is not an address/],
    ['a prefix that is too long for IPv6', { allowedNetworks: ['fd00::/129'] }, /fd00/],
    ['a network by name', { allowedNetworks: ['private'] }, /'private' is not an address/],
    ['a network that is no text', { allowedNetworks: [10] }, /10 is not an address/],
    ['networks that are no list', { allowedNetworks: '10.0.0.0/8' }, /must be a list/],
    ['a retention that is misspelt', { retention: { run: '9d' } }, /"retention.run".*"retention.runs"/],
  ])('refuses %s with OPTIONS_INVALID', (_, options, message) => {
    expect(refusal(options)).toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(message),
    })
  })

  test('refuses no options at all', () => {
    expect(() => createSyncline(undefined as never)).toThrow(/needs an object of options/)
    expect(() => createSyncline({} as never)).toThrow(/connectorTypes must be a list/)
  })

  test.each(['runs', 'changes', 'webhooks', 'requests'])('names retention.%s where it is wrong', (name) => {
    for (const wrong of ['90', 90]) {
      expect(refusal({ retention: { [name]: wrong } })).toMatchObject({
        code: 'RETENTION_INVALID',
        message: expect.stringMatching(`^retention.${name}: "90" is not a retention`),
      })
    }
  })

  test('takes networks that are ones', () => {
    const allowedNetworks = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0']
    expect(refusal({ allowedNetworks })).toBeUndefined()
  })
})

describe('syncAll', () => {
  test('refuses a connector that there is not, and syncs nothing', async () => {
    const stage = await setStage([people(1)])
    for (const request of [
      { connectorIds: ['acme', 'acmee'] },
      { connectorIds: ['acme'], tenantId: 'other' },
    ]) {
      await expect(stage.syncline.syncAll(request)).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
    }
    expect(stage.connector.requests).toHaveLength(0)
    expect(await stage.syncline.syncAll({ connectorIds: ['acme'] })).toMatchObject([{ outcome: 'success' }])
  })
})

describe('a time zone', () => {
  test.each([undefined, '0 6 * * *'])(
    'that is none is refused by its name, with the schedule %s',
    async (cronSchedule) => {
      const { syncline } = await setStage([])
      const saving = syncline.configs.save({ ...users, cronTimeZone: 'Berlin', cronSchedule })
      await expect(saving).rejects.toMatchObject({
        code: 'CRON_INVALID',
        message: 'cronTimeZone: "Berlin" is not a time zone; write an IANA name, such as "Europe/Berlin"',
      })
    },
  )
})

test('filter rules with very many items are refused before each is looked at', async () => {
  const { syncline } = await setStage([])
  const groupIds = Array.from({ length: 340_000 }, () => '')
  await expect(syncline.configs.save({ ...users, filterRules: { groupIds } })).rejects.toMatchObject({
    code: 'FILTER_INVALID',
    message: 'filterRules: groupIds has 340000 items, at most 10000 are possible',
  })
})
