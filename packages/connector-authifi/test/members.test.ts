import { describe, expect, test } from 'vitest'
import { setAuthifiStage } from './authifi-stage.ts'
import { createTenant, user } from './vendor/tenant.ts'

const members = async (stage: Awaited<ReturnType<typeof setAuthifiStage>>, id: string) =>
  Object.entries(await stage.held('group')).find(([key]) => key === id)?.[1]

describe('members of groups', () => {
  test('are not asked for unless the config says so', async () => {
    const stage = await setAuthifiStage()
    await stage.sync('group')
    expect(stage.server.seen.some(({ path }) => /groups\/\d+\/users/.test(path))).toBe(false)
  })

  test('are ids of users, in an order that does not change by itself', async () => {
    const unpaged = {
      config: { members: {}, paging: { mode: 'none' } },
      dialect: { paging: 'none' },
    } as const
    const stage = await setAuthifiStage(unpaged)
    stage.tenant.members.set(2, [9, 2, 5])
    await stage.sync('group')
    expect(await members(stage, '2')).toMatchObject({ attributes: { members: ['2', '5', '9'] } })
    stage.tenant.members.set(2, [5, 9, 2])
    expect((await stage.sync('group')).stats).toMatchObject({ unchanged: 3, updated: 0 })
    expect(stage.server.excess()).toBe(0)
  })

  test('may be at another path', async () => {
    const stage = await setAuthifiStage({
      config: { members: { path: '/members/of/{groupId}' } },
      dialect: { membersPath: ['/members/of/', ''] },
    })
    await stage.sync('group')
    expect(await members(stage, '1')).toMatchObject({ attributes: { members: ['1', '2', '3'] } })
  })

  test('decide who is kept with memberOfSyncedGroups', async () => {
    const stage = await setAuthifiStage({ config: { members: {} } })
    await stage.sync('group')
    await stage.syncline.configs.save({
      connectorId: 'acme',
      resourceType: 'user',
      filterRules: { memberOfSyncedGroups: true },
    })
    expect((await stage.sync()).stats).toMatchObject({ added: 5, excluded: 4 })
  })

  test('that are not there are no empty group: the page is read again', async () => {
    const stage = await setAuthifiStage({ config: { members: {} } })
    let left = 1
    stage.server.interfere = ({ path }) =>
      path.endsWith('/groups/2/users') && left-- > 0 ? { status: 404, body: {} } : undefined
    expect(await stage.sync('group')).toMatchObject({ status: 'success', stats: { added: 3 } })
    stage.server.interfere = ({ path }) =>
      path.endsWith('/groups/2/users') ? { status: 404, body: {} } : undefined
    const run = await stage.sync('group')
    expect(run.error?.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(run.error?.message).toContain('members.path')
    expect(run.stats.staled).toBe(0)
  })

  test('come with at most 25 groups in a page, whatever the host would like', async () => {
    const stage = await setAuthifiStage({
      tenants: { acme: createTenant({ users: 60, groups: 55 }) },
      config: { members: {} },
    })
    const run = await stage.sync('group')
    expect(run.stats).toMatchObject({ added: 55, pagesProcessed: 4 })
    expect(stage.server.excess()).toBe(0)
  })

  test('with an id beyond 2^53 are refused, never rounded', async () => {
    const stage = await setAuthifiStage({
      config: { members: {}, paging: { mode: 'none' }, counts: false },
      dialect: { paging: 'none' },
    })
    stage.tenant.users.set(2 ** 53, user(2 ** 53))
    stage.tenant.members.set(2, [2 ** 53])
    expect((await stage.sync('group')).error?.code).toBe('CONNECTOR_ANSWER_INVALID')
  })
})
