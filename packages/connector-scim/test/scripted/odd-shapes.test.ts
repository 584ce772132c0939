import { scimConfigSchema } from '@syncline/connector-scim'
import { afterEach, describe, expect, it } from 'vitest'
import { groupRecord } from '../../src/records/group-record.ts'
import { userRecord } from '../../src/records/user-record.ts'
import { groupsOf, setScimStage, stored, usersOf } from '../scim-stage.ts'
import { people, type Script, type ScriptedServer, scimError, startScripted } from './scripted-server.ts'

const config = scimConfigSchema.parse({ baseUrl: 'https://scim.example/v2' })
const user = (item: Record<string, unknown>) => userRecord({ id: 'u1', userName: 'ann', ...item }, config)
const group = (item: Record<string, unknown>) => groupRecord({ id: 'g1', displayName: 'G', ...item }, config)

describe('one value where a list is due', () => {
  it.each([
    ['an object', { value: 'u1' }],
    ['a text', 'u1'],
    ['an object with a link', { $ref: 'https://scim.example/v2/Users/u1' }],
  ])('members that are %s are a list of one', (_, members) => {
    expect(group({ members }).attributes).toEqual({ members: ['u1'], memberGroups: [] })
    expect(user({ groups: members }).attributes.groups).toEqual(['u1'])
  })

  it('members that are a number are an id', () => {
    expect(group({ members: 17 }).attributes.members).toEqual(['17'])
    expect(group({ MEMBERS: [17, { value: 18 }] }).attributes.members).toEqual(['17', '18'])
  })

  it.each([{}, '', true, [null], [[]], { 0: { value: 'u1' } }, [{ value: '' }], [{ value: 2 ** 60 }]])(
    'members of %j are never nobody: the record is refused',
    (members) => {
      expect(() => group({ members })).toThrow(TypeError)
      expect(() => user({ groups: members })).toThrow(TypeError)
    },
  )

  it('members that are null or not there are none', () => {
    for (const item of [{}, { members: null }, { members: [] }]) {
      expect(group(item).attributes).toEqual({ members: [], memberGroups: [] })
    }
  })

  it('attributes with several values are lists, however they are sent', () => {
    const one = { value: 'ann@x.example', primary: true }
    expect(user({ emails: one })).toEqual(user({ emails: [one] }))
    expect(user({ emails: one }).email).toBe('ann@x.example')
    for (const name of ['phoneNumbers', 'photos', 'roles', 'ADDRESSES']) {
      expect(user({ [name]: { value: 'x' } })).toEqual(user({ [name]: [{ value: 'x' }] }))
    }
  })

  it('is synced, listed or fetched', async () => {
    for (const members of ['auto', 'listed', 'fetched']) {
      const server = await startScripted({
        groups: [{ id: 'g1', displayName: 'G', members: { value: 'u1' } }],
      })
      const stage = await setScimStage(server.url, { config: { group: { members } } })
      await stage.syncline.sync(groupsOf)
      expect(await stored(stage, 'group')).toMatchObject({ g1: { attributes: { members: ['u1'] } } })
      await server.close()
    }
  })
})

describe('members whose type is neither', () => {
  it.each(['direct', 'Device', '', null, 7])('%j: their link tells what they are', (type) => {
    const members = [
      { value: 'g2', type, $ref: '../Groups/g2' },
      { value: 'u1', type, $ref: 'https://scim.example/v2/Users/u1' },
      { value: 'x1', type },
    ]
    expect(group({ members }).attributes).toEqual({ members: ['u1', 'x1'], memberGroups: ['g2'] })
  })
})

describe('a member that is a group', () => {
  it.each([
    { type: 'urn:ietf:params:scim:schemas:core:2.0:Group' },
    { type: 'Group ' },
    { $ref: '../Groups/g2/' },
    { $ref: 'https://scim.example/v2/Groups/g2/?attributes=id' },
  ])('is one when it is said with %j', (said) => {
    const members = [
      { value: 'g2', ...said },
      { value: 'u1', type: 'urn:ietf:params:scim:schemas:core:2.0:User' },
    ]
    expect(group({ members }).attributes).toEqual({ members: ['u1'], memberGroups: ['g2'] })
  })

  it('is known by the last part of its link, which a slash may follow', () => {
    const { attributes } = group({ members: { $ref: 'https://scim.example/v2/Groups/g2/' } })
    expect(attributes).toEqual({ members: [], memberGroups: ['g2'] })
  })
})

describe('the address', () => {
  it.each([
    [
      [
        { primary: true, value: '' },
        { type: 'work', value: 'a@x' },
      ],
      'a@x',
    ],
    [[{ primary: true }, { type: 'home', value: 'a@x' }], 'a@x'],
    [[{ type: 'work', value: ' ' }, { value: 'a@x' }], 'a@x'],
    [
      [
        { primary: 'true', value: null },
        { primary: true, value: 'a@x' },
        { type: 'work', value: 'b@x' },
      ],
      'a@x',
    ],
    [[{ type: 'work' }, { type: 'WORK', value: 'b@x' }, { value: 'a@x' }], 'b@x'],
    [[{ value: '' }, 'a@x'], 'a@x'],
    [[{ primary: true, value: '\t' }], null],
    // What cannot be an address is for the engine to refuse.
    [[{ primary: true, value: 17 }], 17],
  ])('of %j is %j', (emails, expected) => expect(user({ emails }).email).toBe(expected))
})

it('passwords are left out at every level and under every schema', () => {
  const urn = 'urn:ietf:params:scim:schemas:core:2.0:User'
  const secret = 'not-to-be-stored'
  const { attributes } = user({
    PASSWORD: secret,
    [`${urn}:password`]: secret,
    [urn]: { Password: secret, title: 'Lead' },
    'urn:x:2.0:User': [{ password: secret, a: 1 }],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { password: secret } },
    roles: [{ value: 'a', password: secret }],
  })
  expect(JSON.stringify(attributes)).not.toContain(secret)
  expect(attributes.extensions).toEqual({ [urn]: { title: 'Lead' }, 'urn:x:2.0:User': [{ a: 1 }] })
})

describe('servers', () => {
  let server: ScriptedServer
  afterEach(() => server.close())
  const sync = async (script: Partial<Script>, settings = {}) => {
    server = await startScripted({ users: people(3), ...script })
    const stage = await setScimStage(server.url, { config: settings })
    return stage.syncline.sync(usersOf)
  }
  const supports = { filter: true, sort: true, cursorPaging: false }
  const refusing = (status: number) => ({
    sorts: true,
    onRequest: ({ path }: { path: string }) =>
      path === '/ServiceProviderConfig' ? scimError(status) : undefined,
  })

  it('are not asked for what supports tells in full', async () => {
    for (const status of [400, 401, 403, 429, 500]) {
      const run = await sync(refusing(status), { supports: { ...supports, maxResults: 100 } })
      expect(run).toMatchObject({ status: 'success', stats: { added: 3 } })
      expect(server.seen.map(({ path }) => path)).not.toContain('/ServiceProviderConfig')
      await server.close()
    }
  })

  it('may refuse /ServiceProviderConfig where only maxResults is not known', async () => {
    for (const status of [400, 401, 403]) {
      expect(await sync(refusing(status), { supports })).toMatchObject({ status: 'success' })
      await server.close()
    }
    expect(await sync({ provides: [], sorts: true }, { supports })).toMatchObject({ status: 'success' })
  })

  it.each([42.5, -1, '42.5', '', 'many', true, {}])(
    'a totalResults of %j ends no listing',
    async (totalResults) => {
      for (const cursor of [false, true]) {
        const run = await sync({
          provides: { pagination: { cursor } },
          rewrite: (answer) => ({ ...answer, totalResults }),
        })
        expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
        await server.close()
      }
    },
  )

  it('that count from 0 lose nobody silently', async () => {
    const run = await sync({
      users: people(12),
      onRequest: ({ path, query }) => {
        if (path !== '/Users') return undefined
        const start = Number(query.startIndex)
        const Resources = people(12).slice(start, start + Number(query.count))
        return { body: { totalResults: 12, startIndex: start, Resources } }
      },
    })
    expect(run).toMatchObject({ status: 'error', stats: { staled: 0 } })
  })

  it('a group whose id no path can hold is quarantined, and its page goes on', async () => {
    server = await startScripted({
      groups: [
        { id: '.', displayName: 'Dot' },
        { id: 'g 1/ü', displayName: 'G', members: [] },
      ],
    })
    const stage = await setScimStage(server.url)
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({
      status: 'success',
      stats: { added: 1, quarantined: 1 },
    })
  })

  it('a page of very many records is refused', async () => {
    const run = await sync({ rewrite: () => ({ totalResults: 1, Resources: Array(10_001).fill({}) }) })
    expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
  })
})
