import { describe, expect, test } from 'vitest'
import { expected, listed, setAuthifiStage } from './authifi-stage.ts'
import type { Dialect } from './vendor/dialect.ts'
import { createTenant, user } from './vendor/tenant.ts'

const tenants = () => ({ acme: createTenant({ users: 250, groups: 3, roles: 2 }) })
const named = (list: string, token?: string) => (items: readonly unknown[], next: string | undefined) => ({
  [list]: items,
  ...(token && { [token]: next ?? null }),
})

describe('every form an instance may have is a matter of config', () => {
  const forms: readonly (readonly [
    name: string,
    dialect: Partial<Dialect>,
    config: Readonly<Record<string, unknown>>,
    requests: number,
  ])[] = [
    ['filters as JSON', {}, {}, 4],
    ['filters in brackets', { filterStyle: 'brackets' }, { filter: { style: 'brackets' } }, 4],
    ['filters in another parameter', { filterParameter: 'q' }, { filter: { parameter: 'q' } }, 4],
    ['fewer records on a page than asked for', { mostPerPage: 40 }, {}, 8],
    ['tokens', { paging: 'token', wrap: named('data', 'nextCursor') }, { paging: { mode: 'token' } }, 3],
    [
      'tokens called next',
      { paging: 'token', wrap: named('items', 'next') },
      { paging: { mode: 'token' } },
      3,
    ],
    [
      'tokens under names of their own',
      { paging: 'token', tokenParameter: 'after', sizeParameter: 'count', wrap: named('results', 'token') },
      { paging: { mode: 'token', tokenParameter: 'after', sizeParameter: 'count', tokenField: 'token' } },
      3,
    ],
    ['no pages', { paging: 'none' }, { paging: { mode: 'none' } }, 1],
    [
      'no pages, the list under a name of its own',
      { paging: 'none', wrap: named('rows') },
      { paging: { mode: 'none' }, listField: 'rows' },
      1,
    ],
    ['lists in data', { wrap: named('data') }, {}, 4],
  ]
  test.each(forms)('%s', async (...[, dialect, config, requests]) => {
    const stage = await setAuthifiStage({ tenants: tenants(), dialect, config })
    await stage.syncline.connectors.check('acme')
    const before = listed(stage).length
    expect(await stage.sync()).toMatchObject({ status: 'success', totalEstimate: 250 })
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
    expect(listed(stage).length - before).toBe(requests)
  })

  test('roles of an older instance are at /roles', async () => {
    const stage = await setAuthifiStage({ dialect: { rolesPath: '/roles' }, config: { rolesPath: '/roles' } })
    expect((await stage.sync('role')).stats.added).toBe(2)
    expect(await stage.held('role')).toEqual(expected(stage.tenant, 'role'))
  })

  test('counts may be a bare number, or not be there', async () => {
    const bare = await setAuthifiStage({ dialect: { count: (count) => count } })
    expect((await bare.sync()).totalEstimate).toBe(9)
    const none = await setAuthifiStage({ dialect: { count: undefined } })
    expect(await none.sync()).toMatchObject({ status: 'success', stats: { added: 9 } })
  })

  test('counts are not asked for when the config says so', async () => {
    const stage = await setAuthifiStage({ config: { counts: false } })
    await stage.sync()
    expect(listed(stage, '/count')).toHaveLength(0)
  })
})

describe('an instance that is not as the config says ends the run, and nothing goes stale', () => {
  const lies: readonly (readonly [
    name: string,
    dialect: Partial<Dialect>,
    config: Readonly<Record<string, unknown>>,
    message: string,
  ])[] = [
    ['it takes no notice of the limit', { wrap: () => everyone.slice(0, 101) }, {}, 'more records'],
    ['it takes no notice of the filter', { wrap: () => everyone.slice(0, 100) }, {}, 'order of their ids'],
    ['it does not order', { wrap: (items) => items.toReversed() }, {}, 'order of their ids'],
    ['it answers no list', { wrap: () => ({ error: 'soon' }) }, {}, 'no list'],
    ['the list is elsewhere', { wrap: named('data') }, { listField: 'rows' }, 'no list at rows'],
    [
      'it pages by tokens after all',
      { paging: 'token', sizeParameter: 'limit', wrap: named('data', 'next') },
      { paging: { mode: 'none' } },
      'next page',
    ],
    [
      'it cuts the list off',
      { paging: 'none', wrap: (items) => items.slice(0, 200) },
      { paging: { mode: 'none' } },
      '200 of 250',
    ],
    [
      'the token has another name',
      { paging: 'token', wrap: named('data', 'more') },
      { paging: { mode: 'token' } },
      '100 of 250',
    ],
    ['it gives no tokens', { paging: 'token' }, { paging: { mode: 'token' } }, 'cannot hold a token'],
    [
      'its token is no text',
      { paging: 'token', wrap: (items) => ({ items, next: { at: 3 } }) },
      { paging: { mode: 'token' } },
      'neither text',
    ],
  ]
  const everyone = [...createTenant({ users: 250 }).users.values()].toSorted((a, b) => a.id - b.id)

  test.each(lies)('%s', async (...[, dialect, config, message]) => {
    const stage = await setAuthifiStage({ tenants: tenants(), config: { counts: true } })
    await stage.sync()
    // The same tenant, by an instance that has changed.
    const other = await setAuthifiStage({ tenants: { acme: stage.tenant }, dialect, config })
    await stage.connect('acme', { ...config, baseUrl: other.server.url })
    const run = await stage.sync()
    expect(run.error).toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
    expect(run.error?.message).toContain(message)
    expect(run.stats.staled).toBe(0)
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
    await expect(stage.syncline.connectors.check('acme')).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })

  test('an id beyond 2^53 is an error, never rounded', async () => {
    const stage = await setAuthifiStage()
    stage.tenant.users.set(2 ** 53, user(2 ** 53))
    const run = await stage.sync()
    expect(run.error).toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
    expect(run.error?.message).toContain('2^53')

    const unpaged = await setAuthifiStage({
      dialect: { paging: 'none' },
      config: { paging: { mode: 'none' } },
    })
    unpaged.tenant.users.set(2 ** 53, user(2 ** 53))
    expect((await unpaged.sync()).stats).toMatchObject({ added: 9, quarantined: 1 })
  })

  test('a record without an id is quarantined; its page goes on', async () => {
    const stage = await setAuthifiStage({
      dialect: {
        wrap: (items) =>
          items.length > 1 ? [null, ...items.slice(0, 3), { name: 'x' }, ...items.slice(3)] : items,
      },
    })
    expect((await stage.sync()).stats).toMatchObject({ added: 9, quarantined: 2 })
  })

  test('a cursor of another mode begins a full listing', async () => {
    const token = { paging: 'token', wrap: named('data', 'nextCursor') } as const
    const stage = await setAuthifiStage({
      tenants: tenants(),
      dialect: token,
      config: { paging: { mode: 'token' } },
    })
    stage.server.interfere = ({ query }) =>
      query.get('cursor') === 'at:100' ? { status: 403, body: {} } : undefined
    expect((await stage.sync()).stats.pagesProcessed).toBe(1)
    const other = await setAuthifiStage({ tenants: { acme: stage.tenant } })
    await stage.connect('acme', { baseUrl: other.server.url })
    expect(await stage.sync()).toMatchObject({ status: 'success', stats: { totalUpstreamRecords: 250 } })
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })
})
