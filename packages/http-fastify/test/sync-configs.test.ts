import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedApi, serveApi } from './serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi({ work: false })
})
afterAll(() => api.close())

const path = '/connectors/acme/sync-config'

const defaults = {
  connectorId: 'acme',
  enabled: false,
  strategy: 'full',
  cronSchedule: null,
  filterRules: null,
  staleRetention: '7d',
  attributeMappings: null,
  userMatchStrategy: 'email',
  userMatchFallbackStrategies: null,
  issuerSourcePath: null,
  postSyncWorkflowId: null,
  syncTriggerMode: 'none',
  createUsers: false,
  deactivateUsers: false,
  createUserDefaults: null,
}

test('PUT creates with the defaults, changes only what it is given, and DELETE removes', async () => {
  const created = await api.call(`PUT ${path}/user`, { body: {} })
  expect(created).toMatchObject({ status: 201, body: { ...defaults, resourceType: 'user' } })
  expect(created.headers.get('location')).toBe('/api/connectors/acme/sync-config/user')
  expect(created.headers.get('etag')).toMatch(/^"[^"]+"$/)

  const changed = await api.call(`PUT ${path}/user`, {
    body: { enabled: true, cronSchedule: '0 */6 * * *', pageSize: 7 },
  })
  expect(changed).toMatchObject({
    status: 200,
    body: { ...defaults, enabled: true, cronSchedule: '0 */6 * * *', pageSize: 7 },
  })
  expect(await api.call(`GET ${path}/user`)).toMatchObject({ status: 200, body: changed.body })
  expect((await api.call(`GET ${path}/user`)).headers.get('etag')).toBe(changed.headers.get('etag'))
  await api.call(`PUT ${path}/group`, { body: {} })
  const listed = await api.call(`GET ${path}`)
  expect(listed.body).toMatchObject({ data: [{ resourceType: 'group' }, changed.body], total: 2 })

  const cleared = await api.call(`PUT ${path}/user`, { body: { cronSchedule: null, filterRules: null } })
  expect(cleared.body).toMatchObject({ enabled: true, cronSchedule: null, pageSize: 7 })

  expect(await api.call(`DELETE ${path}/user`)).toMatchObject({ status: 204, text: '' })
  expect((await api.call(`GET ${path}/user`)).status).toBe(404)
  expect((await api.call(`DELETE ${path}/user`)).status).toBe(404)
})

test('reading needs connector:read, changing connector:manage', async () => {
  for (const what of [`PUT ${path}/user`, `DELETE ${path}/user`]) {
    expect(
      (await api.call(what, { token: 'reader', ...(what.startsWith('PUT') && { body: {} }) })).status,
    ).toBe(403)
  }
  expect((await api.call(`GET ${path}`, { token: 'reader' })).status).toBe(200)
})

describe('against lost updates', () => {
  test('If-Match lets a change through that was decided on the settings as they are, and no other', async () => {
    const created = await api.call(`PUT ${path}/group`, { body: { pageSize: 1 } })
    const etag = created.headers.get('etag') ?? ''
    const put = (tags: string, pageSize: number) =>
      api.call(`PUT ${path}/group`, { headers: { 'if-match': tags }, body: { pageSize } })
    const second = await put(`"other", ${etag}`, 2)
    expect(second).toMatchObject({ status: 200, body: { pageSize: 2 } })
    for (const tags of [etag, '"other"', `W/${second.headers.get('etag')}`]) {
      expect(await put(tags, 3)).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
    }
    expect((await api.call(`GET ${path}/group`)).body).toMatchObject({ pageSize: 2 })
    expect(await put('*', 4)).toMatchObject({ status: 200, body: { pageSize: 4 } })
    const removal = await api.call(`DELETE ${path}/group`, { headers: { 'if-match': etag } })
    expect(removal.status).toBe(412)
    const latest = (await api.call(`GET ${path}/group`)).headers.get('etag') ?? ''
    expect((await api.call(`DELETE ${path}/group`, { headers: { 'if-match': latest } })).status).toBe(204)
    expect((await put('*', 5)).status).toBe(412)
    // Created again, it is not what was there before.
    await api.call(`PUT ${path}/group`, { body: {} })
    expect((await put(latest, 6)).status).toBe(412)
  })

  test('If-None-Match: * creates, and changes nothing that is there', async () => {
    await api.syncline.configs.remove({ connectorId: 'acme', resourceType: 'group' })
    const create = (pageSize: number) =>
      api.call(`PUT ${path}/group`, { headers: { 'if-none-match': '*' }, body: { pageSize } })
    expect((await create(1)).status).toBe(201)
    expect(await create(2)).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
    expect((await api.call(`GET ${path}/group`)).body).toMatchObject({ pageSize: 1 })
  })

  test('of changes at once with one tag, one is made; without a tag, all of them', async () => {
    const etag = (await api.call(`PUT ${path}/group`, { body: {} })).headers.get('etag') ?? ''
    const answers = await Promise.all(
      [1, 2, 3, 4].map((pageSize) =>
        api.call(`PUT ${path}/group`, { headers: { 'if-match': etag }, body: { pageSize } }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      200, 412, 412, 412,
    ])
    const changes = [
      { pageSize: 9 },
      { staleRetention: '3d' },
      { createUsers: true },
      { cronTimeZone: 'Asia/Tokyo' },
    ]
    await Promise.all(changes.map((body) => api.call(`PUT ${path}/group`, { body })))
    expect((await api.call(`GET ${path}/group`)).body).toMatchObject(Object.assign({}, ...changes))
  })
})

test.each([
  ['an unknown field', { nope: 1 }],
  ['a field of the store', { watermark: 'x' }],
  ['a field of the identity', { connectorId: 'other' }],
  ['text for a flag', { enabled: 'true' }],
  ['a number for text', { staleRetention: 7 }],
  ['null for a flag', { enabled: null }],
  ['a list for text', { cronSchedule: ['0 * * * *'] }],
  ['a schedule that is none', { cronSchedule: 'daily' }],
  ['a retention that is none', { staleRetention: '7 days' }],
  ['an unknown filter rule', { filterRules: { nope: 1 } }],
  ['too many stars', { filterRules: { groupNamePattern: '*a'.repeat(17) } }],
  ['a path to a prototype', { issuerSourcePath: 'a.__proto__.b' }],
  ['a field that is never stored', { createUserDefaults: { constructor: 1 } }],
  ['a strategy the type has not', { strategy: 'incremental' }],
  ['a list', []],
  ['a text', '"x"'],
])('PUT with %s answers 400 and changes nothing', async (_name, body) => {
  await api.call(`PUT ${path}/group`, { body: { pageSize: 11 } })
  const before = await api.call(`GET ${path}/group`)
  const answer = await api.call(`PUT ${path}/group`, { body })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const after = await api.call(`GET ${path}/group`)
  expect(after.text).toBe(before.text)
  expect(after.headers.get('etag')).toBe(before.headers.get('etag'))
})

test('a resource type that the connector does not list answers 400', async () => {
  expect(await api.call(`PUT ${path}/device`, { body: {} })).toMatchObject({
    status: 400,
    body: { code: 'RESOURCE_TYPE_UNKNOWN' },
  })
})
