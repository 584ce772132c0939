import { createSyncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { scriptedConnector } from '@syncline/testing'
import { beforeEach, expect, test } from 'vitest'

const connector = scriptedConnector({ resourceTypes: { user: { pages: [[]] } } })
const users = { connectorId: 'acme', resourceType: 'user' }
let store = memoryStore()
let syncline = createSyncline({ store, connectorTypes: [connector] })

beforeEach(async () => {
  store = memoryStore()
  syncline = createSyncline({ store, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
})

test('edits of different fields at once are all kept', async () => {
  const edits = [
    { pageSize: 9 },
    { staleRetention: '3d' },
    { createUsers: true },
    { cronTimeZone: 'Asia/Tokyo' },
  ]
  await Promise.all(edits.map((edit) => syncline.configs.save({ ...users, ...edit })))
  expect(await syncline.configs.get(users)).toMatchObject(Object.assign({}, ...edits))
})

test('an edit whose condition ceases to hold between its look and its write changes nothing', async () => {
  const { revision } = await syncline.configs.save(users)
  const { configs } = store
  const late = createSyncline({
    connectorTypes: [connector],
    store: {
      ...store,
      configs: {
        ...configs,
        async get(scope) {
          const read = await configs.get(scope)
          if (read?.revision === revision) await syncline.configs.save({ ...users, pageSize: 1 })
          return read
        },
      },
    },
  })
  await expect(
    late.configs.save({ ...users, pageSize: 2 }, { ifRevision: [revision] }),
  ).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  expect(await syncline.configs.get(users)).toMatchObject({ pageSize: 1 })
})

test('any needs settings, none needs that there are none, and so does removing', async () => {
  const save = (ifRevision: 'any' | 'none') => syncline.configs.save(users, { ifRevision })
  const failed = { code: 'PRECONDITION_FAILED' }
  await expect(save('any')).rejects.toMatchObject(failed)
  await save('none')
  await expect(save('none')).rejects.toMatchObject(failed)
  const { revision } = await save('any')
  await expect(syncline.configs.remove(users, { ifRevision: ['other'] })).rejects.toMatchObject(failed)
  expect(await syncline.configs.remove(users, { ifRevision: ['other', revision] })).toBe(true)
  await expect(syncline.configs.remove(users, { ifRevision: 'any' })).rejects.toMatchObject(failed)
  expect(await syncline.configs.remove(users)).toBe(false)
})

test('an edit that never gets its turn ends after ten attempts', async () => {
  let attempts = 0
  const busy = createSyncline({
    connectorTypes: [connector],
    store: {
      ...store,
      configs: {
        ...store.configs,
        async save(request) {
          attempts += 1
          return store.configs.save({ ...request, replaces: 'other' })
        },
      },
    },
  })
  await expect(busy.configs.save(users)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  expect(attempts).toBe(10)
})

test('an issuer path is kept as it was given, and absent until it is', async () => {
  expect((await syncline.configs.save(users)).issuerSourcePath).toBeUndefined()
  const given = 'attributes.identityIssuer'
  expect((await syncline.configs.save({ ...users, issuerSourcePath: given })).issuerSourcePath).toBe(given)
  expect((await syncline.configs.save({ ...users, issuerSourcePath: null })).issuerSourcePath).toBeUndefined()
})

test('the first schedule of a scope enables it, unless enabled is given', async () => {
  const config = await syncline.configs.save({ ...users, cronSchedule: '0 6 * * *' })
  expect(config.enabled).toBe(true)
  expect(config.nextRunAt).toBeInstanceOf(Date)
  await syncline.configs.remove(users)
  const off = { ...users, cronSchedule: '0 6 * * *', enabled: false }
  expect(await syncline.configs.save(off)).toMatchObject({ enabled: false })
  expect(await syncline.configs.save({ ...users, cronSchedule: '0 7 * * *' })).toMatchObject({
    enabled: false,
  })
})
