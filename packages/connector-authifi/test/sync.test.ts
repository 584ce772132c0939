import { describe, expect, test } from 'vitest'
import { expected, listed, setAuthifiStage } from './authifi-stage.ts'
import { createTenant, group, user } from './vendor/tenant.ts'

const company = () => ({ acme: createTenant({ users: 2_000, groups: 50, roles: 10 }) })

describe('a company of 2,000 users, 50 groups and 10 roles', () => {
  test('is held as Authifi has it after the first full sync, within the limits and with one token', async () => {
    const stage = await setAuthifiStage({ tenants: company() })
    const counts = { user: 2_000, group: 50, role: 10 } as const
    for (const type of ['user', 'group', 'role'] as const) {
      const run = await stage.sync(type)
      expect(run).toMatchObject({ status: 'success', mode: 'full', totalEstimate: counts[type] })
      expect(run.stats).toMatchObject({ added: counts[type], quarantined: 0 })
      expect(await stage.held(type)).toEqual(expected(stage.tenant, type))
    }
    expect(stage.server.excess()).toBe(0)
    expect(stage.server.tokens.issued()).toBe(1)
    // Twenty pages of a hundred users and the empty one that ends them.
    expect(listed(stage)).toHaveLength(21)
  })

  test('the next full sync updates what was changed, adds what is new and marks stale what is gone', async () => {
    const stage = await setAuthifiStage({ tenants: company() })
    await stage.sync()
    const { users } = stage.tenant
    users.set(7, user(7, { name: 'Ada Lovelace' }))
    users.set(2_001, user(2_001))
    users.delete(1_000)
    const { stats } = await stage.sync()
    expect(stats).toMatchObject({ added: 1, updated: 1, staled: 1, unchanged: 1_998 })
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })

  test('nobody is passed over when others are deleted and added between the pages', async () => {
    const stage = await setAuthifiStage({ tenants: company() })
    await stage.sync()
    const { users } = stage.tenant
    let pages = 0
    stage.server.interfere = ({ path }) => {
      if (!path.endsWith('/users') || pages === 20) return undefined
      pages += 1
      users.delete(pages * 3)
      users.set(3_000 + pages, user(3_000 + pages))
      return undefined
    }
    const run = await stage.sync()
    stage.server.interfere = () => undefined
    expect(run.status).toBe('success')
    expect(pages).toBe(20)
    const upstream = Object.keys(expected(stage.tenant, 'user'))
    expect(Object.keys(await stage.held('user'))).toEqual(expect.arrayContaining(upstream))
    await stage.sync()
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })
})

describe('records', () => {
  test('a display name is the name, else given and family name, else the user name', async () => {
    const stage = await setAuthifiStage()
    const { users } = stage.tenant
    users.clear()
    users.set(1, user(1, { name: 'Ada' }))
    users.set(2, user(2, { name: null }))
    users.set(3, { id: 3, givenName: 'Grace', username: 'grace' })
    users.set(4, { id: 4, username: 'hopper', name: '', givenName: null })
    await stage.sync()
    const names = Object.values(await stage.held('user')).map((held) => held)
    expect(names).toMatchObject([
      { displayName: 'Ada' },
      { displayName: 'Person No 2' },
      { displayName: 'Grace', email: null },
      { displayName: 'hopper', attributes: { username: 'hopper' } },
    ])
  })

  test('the identity issuer is at the top of the attributes, with everything else Authifi said', async () => {
    const stage = await setAuthifiStage()
    stage.tenant.users.set(1, user(1, { userType: 'employee', ial: 'IAL2', customAttributes: { team: 'x' } }))
    await stage.sync()
    expect((await stage.held('user'))['1']).toMatchObject({
      attributes: {
        identityIssuer: 'https://idp.acme.example',
        userType: 'employee',
        ial: 'IAL2',
        customAttributes: { team: 'x' },
      },
    })
  })

  test('one without a name is quarantined, and its page is kept', async () => {
    const stage = await setAuthifiStage()
    stage.tenant.groups.set(2, group(2, { name: null }))
    expect((await stage.sync('group')).stats).toMatchObject({ added: 2, quarantined: 1 })
  })
})

describe('incremental', () => {
  const changedAt = '2026-03-01T10:00:00.000Z'

  test('lists only what was changed, where the config names the field', async () => {
    const stage = await setAuthifiStage({ tenants: company(), config: { incremental: {} } })
    await stage.sync()
    const before = listed(stage).length
    stage.tenant.users.set(7, user(7, { name: 'Ada Lovelace', updatedAt: changedAt }))
    stage.tenant.users.set(2_001, user(2_001, { updatedAt: changedAt }))
    const { stats, mode } = await stage.sync('user', 'incremental')
    expect(mode).toBe('incremental')
    expect(stats).toMatchObject({ added: 1, updated: 1, unchanged: 0, totalUpstreamRecords: 2 })
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
    expect(listed(stage).length - before).toBe(2)
  })

  test('without changes is empty, and no listing that was cut off', async () => {
    const stage = await setAuthifiStage({ config: { incremental: {} } })
    await stage.sync()
    const run = await stage.sync('user', 'incremental')
    expect(run).toMatchObject({ status: 'success', stats: { totalUpstreamRecords: 0, staled: 0 } })
    expect(listed(stage, '/count')).toHaveLength(1)
  })

  test('goes by another field', async () => {
    const stage = await setAuthifiStage({ config: { incremental: { field: 'modified' } } })
    await stage.sync('group')
    stage.tenant.groups.set(2, group(2, { name: 'Two', modified: changedAt }))
    const { stats } = await stage.sync('group', 'incremental')
    expect(stats).toMatchObject({ updated: 1, totalUpstreamRecords: 1 })
  })

  test('is a full listing while the config names no field, so that nothing is missed', async () => {
    const stage = await setAuthifiStage()
    await stage.sync()
    stage.tenant.users.delete(9)
    const run = await stage.sync('user', 'incremental')
    expect(run).toMatchObject({ status: 'success', mode: 'full' })
    expect(run.stats).toMatchObject({ staled: 1, unchanged: 8 })
    expect(listed(stage).every((query) => !query.get('filter')?.includes('updatedAt'))).toBe(true)
  })
})

describe('tenants', () => {
  test('are listed each with a token of its own, and nothing is mixed up', async () => {
    const tenants = { acme: createTenant({ users: 9 }), other: createTenant({ users: 3 }) }
    tenants.other.users.set(1, user(1, { name: 'Someone else' }))
    const stage = await setAuthifiStage({ tenants })
    await stage.connect('other')
    await stage.sync()
    await stage.syncline.sync({ connectorId: 'other', resourceType: 'user' })
    expect(await stage.held('user')).toEqual(expected(tenants.acme, 'user'))
    expect(await stage.held('user', 'other')).toEqual(expected(tenants.other, 'user'))
    expect(stage.server.tokens.issued()).toBe(2)
  })

  test('one that is not there ends the run as refused', async () => {
    const stage = await setAuthifiStage()
    await stage.connect('nobody')
    const run = await stage.syncline.sync({ connectorId: 'nobody', resourceType: 'user' })
    expect(run.error).toMatchObject({ code: 'UPSTREAM_REJECTED' })
  })
})
