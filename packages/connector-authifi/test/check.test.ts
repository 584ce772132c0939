import { describe, expect, test } from 'vitest'
import { setAuthifiStage } from './authifi-stage.ts'
import type { Dialect } from './vendor/dialect.ts'
import { createTenant, user } from './vendor/tenant.ts'

const check = async (options: Parameters<typeof setAuthifiStage>[0]) => {
  const stage = await setAuthifiStage(options)
  await stage.syncline.connectors.check('acme')
  return stage
}
const docs = (paths: readonly string[]): Dialect['docs'] => ({
  type: 'application/json',
  text: JSON.stringify({ openapi: '3.0.0', paths: Object.fromEntries(paths.map((path) => [path, {}])) }),
})
const admin = '/auth/admin/tenants/{tenantId}'

describe('check', () => {
  test('succeeds where address, client and config are right, and is silent about it', async () => {
    const stage = await check({ tenants: { acme: createTenant({ users: 0 }) } })
    expect(stage.log).toEqual([])
  })

  test('throws for a tenant that is not there and a client that is not known', async () => {
    const stage = await setAuthifiStage()
    await stage.connect('nobody')
    await expect(stage.syncline.connectors.check('nobody')).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
    })
    await stage.syncline.credentials.save({ ref: 'acme', values: { clientId: 'x', clientSecret: 'y' } })
    await expect(stage.syncline.connectors.check('acme')).rejects.toMatchObject({
      code: 'CREDENTIAL_REAUTH_REQUIRED',
    })
  })

  test('throws where the second page does not lie behind the first', async () => {
    const stage = await setAuthifiStage()
    stage.server.interfere = ({ path, query }) =>
      path.endsWith('/users') && query.get('filter')?.includes('gt')
        ? { status: 200, body: [user(1), user(2)] }
        : undefined
    await expect(stage.syncline.connectors.check('acme')).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
      message: expect.stringContaining('order of their ids'),
    })
  })

  test('warns of what the client may not list, and throws where that is everything', async () => {
    const some = await check({ dialect: { wantsScopes: true }, config: { scopes: ['auth.users.list'] } })
    expect(some.log.filter((line) => line.includes('does not let'))).toHaveLength(2)
    await expect(check({ dialect: { wantsScopes: true } })).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('scopes'),
    })
  })

  test('says where records have the field that incremental listings need', async () => {
    const stage = await check({})
    expect(stage.log.filter((line) => line.includes('incremental'))).toHaveLength(3)
    const set = await check({ config: { incremental: {} } })
    expect(set.log).toEqual([])
  })

  test('throws where the config names a field that records have not', async () => {
    await expect(check({ config: { incremental: { field: 'modified' } } })).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
      message: expect.stringContaining('modified'),
    })
  })

  test('reads the API document: paths that are not in it are a warning', async () => {
    const good = [`${admin}/users`, `${admin}/groups`, `${admin}/access-roles`]
    const config = { incremental: {} }
    expect((await check({ config, dialect: { docs: docs(good) } })).log).toEqual([])
    const old = await check({ config, dialect: { docs: docs([...good.slice(0, 2), `${admin}/roles`]) } })
    expect(old.log).toEqual(['warn the API document of Authifi lacks these paths'])
  })

  test.each([
    ['a page for people', { type: 'text/html', text: '<html>' }],
    ['a list', { type: 'application/json', text: '[]' }],
  ])('an API document that is %s says nothing', async (_, text) => {
    expect((await check({ config: { incremental: {} }, dialect: { docs: text } })).log).toEqual([])
  })

  test('an API document that leads to another origin is not followed, and says nothing', async () => {
    const stage = await setAuthifiStage({ config: { incremental: {} } })
    stage.server.interfere = ({ path }) =>
      path === '/auth/docs'
        ? { status: 302, headers: { location: 'https://docs.example/' }, text: '' }
        : undefined
    await stage.syncline.connectors.check('acme')
    expect(stage.log).toEqual([])
  })
})
