import { scimConfigSchema } from '@syncline/connector-scim'
import { describe, expect, it } from 'vitest'
import { groupRecord } from '../../src/records/group-record.ts'
import { userRecord } from '../../src/records/user-record.ts'

const config = scimConfigSchema.parse({ baseUrl: 'https://scim.example/v2' })
const user = (item: Record<string, unknown>) => userRecord({ id: 'u1', ...item }, config)
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

describe('a SCIM user becomes a record', () => {
  it('whose id is id; externalId of SCIM is an attribute', () => {
    expect(user({ userName: 'ann', externalId: 'hr-7' })).toEqual({
      externalId: 'u1',
      displayName: 'ann',
      email: null,
      attributes: { userName: 'ann', externalId: 'hr-7' },
    })
  })

  it('called by displayName, name.formatted, given and family name, or userName, in this order', () => {
    const name = { formatted: 'Ms. Ann Lee', givenName: 'Ann', familyName: 'Lee' }
    const all = { displayName: 'Annie', name, userName: 'ann' }
    expect(user(all).displayName).toBe('Annie')
    expect(user({ ...all, displayName: ' ' }).displayName).toBe('Ms. Ann Lee')
    expect(user({ name: { ...name, formatted: null }, userName: 'ann' }).displayName).toBe('Ann Lee')
    expect(user({ name: {}, userName: 'ann' }).displayName).toBe('ann')
  })

  it('whose e-mail is the primary address, else one of work, else the first', () => {
    const [home, work, primary] = [
      { value: 'home@x.org', type: 'home' },
      { value: 'work@x.org', type: 'Work' },
      { value: 'main@x.org', type: 'other', primary: 'True' },
    ]
    expect(user({ emails: [home, work, primary] }).email).toBe('main@x.org')
    expect(user({ emails: [home, work] }).email).toBe('work@x.org')
    expect(user({ emails: [home] }).email).toBe('home@x.org')
    expect(user({ emails: ['plain@x.org'] }).email).toBe('plain@x.org')
    expect(user({ emails: [] }).email).toBeNull()
  })

  it('with the enterprise extension at enterprise and others under their URNs, whatever the case', () => {
    const { attributes } = user({
      [enterprise.toUpperCase()]: {
        EMPLOYEENUMBER: '7',
        manager: { value: 'u9', $ref: 'https://scim.example/v2/Users/u9', displayName: 'Bo' },
      },
      'urn:acme:params:2.0:User': { badge: 'B7', floor: null },
    })
    expect(attributes).toEqual({
      enterprise: { employeeNumber: '7', manager: { value: 'u9', displayName: 'Bo' } },
      extensions: { 'urn:acme:params:2.0:User': { badge: 'B7' } },
    })
  })

  it('active false stays, also when it is sent as text', () => {
    expect(user({ active: false }).attributes).toEqual({ active: false })
    expect(user({ ACTIVE: 'False' }).attributes).toEqual({ active: false })
    expect(user({ active: 'on leave' }).attributes).toEqual({ active: 'on leave' })
  })

  it('without schemas, meta, links and passwords', () => {
    const { attributes } = user({
      userName: 'ann',
      Password: 'secret',
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      meta: { version: 'W/"7"', lastModified: '2026-01-01T00:00:00Z' },
      photos: [{ value: 'https://x.org/p.png', $ref: 'x' }],
    })
    expect(attributes).toEqual({ userName: 'ann', photos: [{ value: 'https://x.org/p.png' }] })
  })

  it('the same for the same user: order of values, nulls and empty lists mean nothing', () => {
    const roles = [{ value: 'a' }, { value: 'b', primary: true }]
    const one = user({ userName: 'ann', roles, nickName: null, phoneNumbers: [] })
    const other = user({ username: 'ann', Roles: roles.toReversed() })
    expect(one).toEqual(other)
  })

  it('with the ids of its groups, direct or not', () => {
    const groups = [
      { value: 'g2', type: 'direct', display: 'Two' },
      { value: 'g1', type: 'indirect', $ref: 'https://scim.example/v2/Groups/g1' },
    ]
    expect(user({ groups }).attributes).toEqual({ groups: ['g1', 'g2'] })
    expect(user({ groups: [] }).attributes).toEqual({ groups: [] })
    expect(user({}).attributes).toEqual({})
  })
})

describe('a SCIM group becomes a record', () => {
  it('with members and memberGroups, also when there are none', () => {
    expect(groupRecord({ id: 'g1', displayName: 'All', members: null }, config)).toEqual({
      externalId: 'g1',
      displayName: 'All',
      email: null,
      attributes: { members: [], memberGroups: [] },
    })
  })
})
