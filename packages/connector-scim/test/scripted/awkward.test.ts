import { afterEach, describe, expect, it } from 'vitest'
import { liveUsers, setScimStage, usersOf, warnings } from '../scim-stage.ts'
import {
  people,
  person,
  type Script,
  type ScriptedServer,
  scimError,
  startScripted,
  without,
} from './scripted-server.ts'

describe('awkward servers', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const sync = async (script: Partial<Script>, pageSize = 10, config = {}) => {
    server = await startScripted(script)
    const stage = await setScimStage(server.url, { pageSize, config })
    return { stage, run: await stage.syncline.sync(usersOf) }
  }

  it('takes an answer without Resources for none where totalResults is 0', async () => {
    const { run } = await sync({ rewrite: () => ({ totalResults: 0 }) })
    expect(run).toMatchObject({ status: 'success', stats: { totalUpstreamRecords: 0 } })
  })

  it('never takes an answer that is no ListResponse for an empty page', async () => {
    const bodies = [{}, { Resources: 'none' }, [], { ok: true }, { totalResults: 30, Resources: {} }]
    for (const body of bodies) {
      const { run } = await sync({ rewrite: () => body })
      expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
      await server.close()
    }
  })

  it('takes a missing /ServiceProviderConfig for nothing supported, and refuses one that is no object', async () => {
    for (const status of [404, 405, 501]) {
      const { run } = await sync({
        users: people(3),
        onRequest: ({ path }) => (path === '/ServiceProviderConfig' ? scimError(status) : undefined),
      })
      expect(run).toMatchObject({ status: 'success', stats: { added: 3 } })
      await server.close()
    }
    for (const provides of [null, [], 'yes']) {
      const { run } = await sync({ provides })
      expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
      await server.close()
    }
  })

  it('does not end where totalResults says that there is more', async () => {
    const { run } = await sync({ rewrite: () => ({ totalResults: 30, Resources: [] }) })
    expect(run).toMatchObject({ status: 'error', error: { code: 'DELTA_EXPIRED' } })
  })

  it('refuses counted pages without totalResults', async () => {
    const { run } = await sync({
      users: people(3),
      rewrite: (answer) => without(answer, ['totalResults']),
    })
    expect(run).toMatchObject({ status: 'error', error: { code: 'CONNECTOR_ANSWER_INVALID' } })
  })

  it('reads on when pages are smaller than asked for, down to two records', async () => {
    for (const cap of [7, 6, 5, 4, 3, 2]) {
      const { run, stage } = await sync({ users: people(23), cap }, 10)
      expect(run).toMatchObject({ status: 'success', stats: { added: 23 } })
      expect(warnings(stage)).toEqual([])
      await server.close()
    }
  })

  it('does not end at a totalResults that only counts the page', async () => {
    const { run } = await sync(
      {
        users: people(30),
        rewrite: (answer) => ({ ...answer, totalResults: answer.itemsPerPage }),
      },
      10,
      { stableOrder: true },
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 30 } })
  })

  it('reads servers that give everything each time, whatever they are asked for', async () => {
    for (const count of [1, 2, 3, 5, 6, 7, 10, 11, 30]) {
      const { run, stage } = await sync({
        users: people(count),
        rewrite: (answer) => ({ ...answer, startIndex: 1, Resources: server.script.users }),
      })
      expect([count, run.status, run.stats.added]).toEqual([count, 'success', count])
      expect(await liveUsers(stage)).toHaveLength(count)
      expect(warnings(stage)).toEqual([])
      await server.close()
    }
  })

  it('notices a server that rounds startIndex to whole pages', async () => {
    for (const sort of [false, true]) {
      const { run } = await sync({
        users: people(30),
        provides: { sort: { supported: sort } },
        onRequest: ({ path, query }) => {
          if (path !== '/Users') return undefined
          const [start, count] = [Number(query.startIndex), Number(query.count)]
          const first = Math.floor((start - 1) / count) * count
          return {
            body: { totalResults: 30, startIndex: start, Resources: people(30).slice(first, first + count) },
          }
        },
      })
      const reason = sort
        ? 'records moved back by more than were added'
        : 'records moved or were deleted meanwhile'
      expect(run).toMatchObject({ status: 'error', error: { code: 'DELTA_EXPIRED', details: { reason } } })
      await server.close()
    }
  })

  it('never asks for more than the server says it gives', async () => {
    const { run } = await sync(
      { users: people(30), provides: { filter: { supported: true, maxResults: 8 } } },
      500,
    )
    expect(run).toMatchObject({ status: 'success', stats: { added: 30 } })
    expect(server.lists().map(({ query }) => Number(query.count))).toEqual([8, 8, 8, 8, 8, 8, 8, 8])
  })

  it('reads names whatever their case', async () => {
    const { run, stage } = await sync({
      provides: { FILTER: { SUPPORTED: true, MaxResults: '50' } },
      rewrite: () => ({
        TOTALRESULTS: '1',
        resources: [{ ID: 'u1', USERNAME: 'ann', Name: { GIVENNAME: 'Ann', familyname: 'Lee' } }],
      }),
    })
    expect(run.stats.added).toBe(1)
    const [row] = await stage.store.resources.find({
      connectorId: 'corp',
      resourceType: 'user',
      stale: false,
      limit: 9,
    })
    expect(row).toMatchObject({
      externalId: 'u1',
      displayName: 'Ann Lee',
      attributes: { userName: 'ann', name: { givenName: 'Ann', familyName: 'Lee' } },
    })
  })

  it('quarantines a record without an id and keeps the others', async () => {
    const users = [person('u1'), { userName: 'nobody' }, person('u2'), person('u3')]
    const { run } = await sync({ users }, 2)
    expect(run).toMatchObject({ status: 'success', stats: { added: 3, quarantined: 1 } })
  })

  it('takes numbers for ids', async () => {
    const users = people(12).map((item, index) => ({ ...item, id: index + 1 }))
    const { run, stage } = await sync({
      rewrite: (_, { query }) => {
        const start = Number(query.startIndex) - 1
        return { totalResults: 12, Resources: users.slice(start, start + Number(query.count)) }
      },
    })
    expect(run).toMatchObject({ status: 'success', stats: { added: 12 } })
    expect(await liveUsers(stage)).toEqual(users.map(({ id }) => String(id)).toSorted())
    expect(warnings(stage)).toEqual([])
  })

  it('knows a record that cannot be mapped by its id, whatever the case of that name', async () => {
    const { run, stage } = await sync({ users: people(2) })
    expect(run.stats.added).toBe(2)
    server.script.rewrite = (answer) => ({
      ...answer,
      Resources: [
        { ID: 'u0001', userName: 'u0001', groups: [{ display: 'no value' }] },
        { ID: 'u0002', userName: 'u0002' },
      ].slice(Number(answer.startIndex) - 1),
    })
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({
      status: 'success',
      stats: { quarantined: 1, staled: 0 },
    })
  })

  it('works without /ServiceProviderConfig, with startIndex and nothing else', async () => {
    const { run } = await sync({ users: people(12), provides: undefined })
    expect(run).toMatchObject({ status: 'success', stats: { added: 12 } })
    expect(Object.keys(server.lists()[0]?.query ?? {}).toSorted()).toEqual(['count', 'startIndex'])
  })

  it('believes the config more than /ServiceProviderConfig', async () => {
    const { run } = await sync(
      {
        users: people(12),
        provides: { sort: { supported: false }, pagination: { cursor: true } },
        sorts: true,
      },
      10,
      { supports: { sort: true, cursorPaging: false, maxResults: 9 } },
    )
    expect(run).toMatchObject({ status: 'success' })
    expect(server.lists()[0]?.query).toEqual({ startIndex: '1', count: '9', sortBy: 'id' })
  })

  it('tells what the server says about a refused request, at most 200 characters of it', async () => {
    const detail = `The filter\n yields ${'many '.repeat(100)}`
    const { run } = await sync({
      onRequest: ({ path }) => (path === '/Users' ? scimError(400, 'tooMany', detail) : undefined),
    })
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { status: 400, scimType: 'tooMany' } },
    })
    const told = `The filter yields ${'many '.repeat(100)}`.slice(0, 200)
    expect(run.error?.message).toBe(`/Users answered 400, tooMany: ${told}`)
  })

  it('passes Retry-After on, for 429 and 503, and waits as long', async () => {
    for (const status of [429, 503]) {
      server = await startScripted({ users: people(3) })
      const stage = await setScimStage(server.url)
      server.script.onRequest = (_, number) =>
        number === 2 ? { ...scimError(status), headers: { 'retry-after': '37' } } : undefined
      expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 3 } })
      expect(stage.clock.slept).toEqual([37_000])
      await server.close()
    }
  })

  it('takes a 403 with Retry-After for a throttle', async () => {
    server = await startScripted({ users: people(3) })
    const stage = await setScimStage(server.url)
    server.script.onRequest = (_, number) =>
      number === 2 ? { ...scimError(403), headers: { 'retry-after': '5' } } : undefined
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success' })
    expect(stage.clock.slept).toEqual([5_000])
  })

  it('sends a bearer token, or a user name and password', async () => {
    await sync({ users: people(1) })
    expect(server.seen[0]?.headers.authorization).toBe('Bearer a-token-nobody-should-see')
    expect(server.seen[0]?.headers.accept).toBe('application/scim+json, application/json;q=0.9')
    await server.close()
    server = await startScripted({ users: people(1) })
    const stage = await setScimStage(server.url, {
      config: { authentication: 'basic' },
      values: { username: 'ann', password: 'pass:wörd' },
    })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success' })
    const expected = `Basic ${Buffer.from('ann:pass:wörd').toString('base64')}`
    expect(server.seen[0]?.headers.authorization).toBe(expected)
  })

  it('ends with UNAUTHORIZED when the token is refused', async () => {
    const { run } = await sync({ onRequest: () => scimError(401) })
    expect(run).toMatchObject({ status: 'error', error: { code: 'UNAUTHORIZED' } })
  })

  it('follows no redirect to another origin', async () => {
    const other = await startScripted({ users: people(1) })
    const { run } = await sync({
      onRequest: () => ({ status: 307, headers: { location: `${other.url}/Users` } }),
    })
    expect(run).toMatchObject({ status: 'error', error: { code: 'UPSTREAM_REJECTED' } })
    expect(other.seen).toEqual([])
    await other.close()
  })

  it('asks for the attributes and with the filter of the config', async () => {
    await sync({ users: people(1), provides: undefined }, 10, {
      user: { filter: 'active eq true', attributes: ['userName', 'emails'] },
    })
    expect(server.lists()[0]?.query).toMatchObject({
      filter: 'active eq true',
      attributes: 'userName,emails',
    })
  })
})
