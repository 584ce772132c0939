import { afterEach, describe, expect, it } from 'vitest'
import { liveUsers, setScimStage, usersOf } from '../scim-stage.ts'
import { people, type ScriptedServer, scimError, startScripted, without } from './scripted-server.ts'

const provides = { pagination: { cursor: true, index: true, maxPageSize: 20, cursorTimeout: 60 } }

describe('cursor paging (RFC 9865)', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  it('asks for the first page with an empty cursor and goes on by nextCursor', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 25 } })
    expect(server.lists().map(({ query }) => query)).toEqual([
      { cursor: '', count: '10' },
      { cursor: '10', count: '10' },
      { cursor: '20', count: '10' },
    ])
  })

  it('never asks for more than maxPageSize', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 500 })
    await stage.syncline.sync(usersOf)
    expect(server.lists().map(({ query }) => query.count)).toEqual(['20', '20'])
  })

  it('goes on past empty pages, and needs no totalResults', async () => {
    server = await startScripted({ users: people(25), provides })
    server.script.rewrite = (answer, { query }) =>
      query.cursor === '10' ? { nextCursor: '20', Resources: [] } : without(answer, ['totalResults'])
    const stage = await setScimStage(server.url, { pageSize: 10 })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'success',
      stats: { added: 15, pagesProcessed: 3 },
    })
  })

  it('takes no notice of people who are added or deleted meanwhile', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    server.script.onRequest = ({ query }) => {
      if (query.cursor === '20') server.script.users.pop()
    }
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 24 } })
    server.script.onRequest = ({ query }) => {
      if (query.cursor === '10') server.script.users.push(...people(1, 80))
    }
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({ status: 'success' })
  })

  it('begins the listing anew when the cursor has expired', async () => {
    for (const scimType of ['expiredCursor', 'invalidCursor']) {
      server = await startScripted({ users: people(25), provides })
      const stage = await setScimStage(server.url, { pageSize: 10 })
      server.script.onRequest = ({ query }) => {
        const expires = query.cursor === '20' && server.lists().length === 3
        return expires ? scimError(400, scimType) : undefined
      }
      expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', mode: 'full' })
      expect(server.lists().map(({ query }) => query.cursor)).toEqual(['', '10', '20', '', '10', '20'])
      expect(await liveUsers(stage)).toHaveLength(25)
      await server.close()
    }
  })

  it('resumes in another process at the page that was not stored', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 10, limits: { maxPages: 1, lookAhead: 0 } })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
    server.seen.length = 0
    const other = await stage.another({ maxPages: 100 })
    expect(await other.sync(usersOf)).toMatchObject({ status: 'success', stats: { added: 25 } })
    expect(server.seen.map(({ path, query }) => `${path} ${query.cursor}`)).toEqual([
      '/Users 10',
      '/Users 20',
    ])
  })

  it('refuses an end before totalResults: a server without cursors takes no notice of them', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    await stage.syncline.sync(usersOf)
    server.script.rewrite = (answer) => without(answer, ['nextCursor'])
    expect(await stage.syncline.sync({ ...usersOf, mode: 'full' })).toMatchObject({
      status: 'error',
      stats: { staled: 0 },
      error: { code: 'CONNECTOR_ANSWER_INVALID', details: { received: 10, total: 25 } },
    })
    expect(await liveUsers(stage)).toHaveLength(25)
  })

  it('never takes an answer without a list for the end', async () => {
    server = await startScripted({ users: people(25), provides })
    const stage = await setScimStage(server.url, { pageSize: 10 })
    // Without totalResults nothing else could tell.
    server.script.rewrite = (answer, { query }) =>
      query.cursor === '20' ? {} : without(answer, ['totalResults'])
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_ANSWER_INVALID' },
    })
  })
})
