import { afterEach, describe, expect, it } from 'vitest'
import { type ScimStage, setScimStage, usersOf, warnings } from '../scim-stage.ts'
import { type Item, person, type ScriptedServer, scimError, startScripted } from './scripted-server.ts'

const filtering = { filter: { supported: true, maxResults: 0 } }
const changedAt = (id: string, lastModified: string): Item => person(id, { meta: { lastModified } })
const old = ['u1', 'u2', 'u3'].map((id) => changedAt(id, '2020-01-01T00:00:00Z'))
const later = '2990-01-01T00:00:00Z'

describe('an incremental listing', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  /** A full sync, then one person changed. */
  const stageWith = async (script: Parameters<typeof startScripted>[0], config = {}): Promise<ScimStage> => {
    server = await startScripted({ users: [...old], ...script })
    const stage = await setScimStage(server.url, { config })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success', mode: 'full' })
    server.seen.length = 0
    return stage
  }
  const change = (): void => {
    server.script.users = [...server.script.users.slice(0, 2), { ...changedAt('u3', later), title: 'Boss' }]
  }
  const incremental = (stage: ScimStage) => stage.syncline.sync({ ...usersOf, mode: 'incremental' })

  it('asks for meta.lastModified at or after the watermark, quoted, in whole seconds', async () => {
    const stage = await stageWith({ provides: filtering })
    change()
    const watermark = (await stage.store.configs.get(usersOf))?.watermark
    expect(await incremental(stage)).toMatchObject({
      status: 'success',
      mode: 'incremental',
      stats: { updated: 1, totalUpstreamRecords: 1, staled: 0 },
    })
    expect(server.lists()[0]?.query.filter).toBe(
      `meta.lastModified ge "${String(watermark).replace(/\.\d+Z$/, 'Z')}"`,
    )
    expect(server.lists()[0]?.query.filter).toMatch(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"$/)
  })

  it('keeps the filter of the config', async () => {
    const stage = await stageWith({ provides: filtering }, { user: { filter: 'title pr or active eq true' } })
    change()
    await incremental(stage)
    expect(server.lists()[0]?.query.filter).toMatch(
      /^\(title pr or active eq true\) and meta\.lastModified ge "/,
    )
  })

  it('lists everything where filters are not supported', async () => {
    const stage = await stageWith({})
    change()
    expect(await incremental(stage)).toMatchObject({
      status: 'success',
      stats: { updated: 1, unchanged: 2, totalUpstreamRecords: 3 },
    })
    expect(server.lists().every(({ query }) => query.filter === undefined)).toBe(true)
    expect(warnings(stage)).toEqual(['it does not support filters'])
  })

  it('lists everything where the filter is refused', async () => {
    const refusals = [
      scimError(400, 'invalidFilter'),
      { ...scimError(400, 'InvalidFilter'), status: 501 },
      { status: 400, body: 'Bad Request' },
    ]
    for (const refusal of refusals) {
      const stage = await stageWith({ provides: filtering })
      server.script.onRequest = ({ query }) => (query.filter === undefined ? undefined : refusal)
      change()
      expect(await incremental(stage)).toMatchObject({
        status: 'success',
        stats: { updated: 1, unchanged: 2 },
      })
      expect(warnings(stage)).toEqual(['it does not filter by meta.lastModified'])
      await server.close()
    }
  })

  it('lists everything where the filter finds nobody who ever changed', async () => {
    const stage = await stageWith({ provides: filtering })
    server.script.onRequest = ({ query }) =>
      query.filter === undefined ? undefined : { body: { totalResults: 0 } }
    change()
    expect(await incremental(stage)).toMatchObject({ status: 'success', stats: { updated: 1, unchanged: 2 } })
    expect(warnings(stage)).toEqual(['it does not filter by meta.lastModified'])
  })

  it('believes an empty answer where the filter finds those who changed since 1970', async () => {
    const stage = await stageWith({ provides: filtering })
    expect(await incremental(stage)).toMatchObject({ status: 'success', stats: { totalUpstreamRecords: 0 } })
    expect(server.lists().map(({ query }) => query.filter)).toEqual([
      expect.stringContaining('meta.lastModified'),
      'meta.lastModified ge "1970-01-01T00:00:00Z"',
    ])
    expect(warnings(stage)).toEqual([])
  })

  it('lists no one where there is no one', async () => {
    const stage = await stageWith({ provides: filtering, users: [] })
    expect(await incremental(stage)).toMatchObject({ status: 'success', stats: { totalUpstreamRecords: 0 } })
    expect(warnings(stage)).toEqual([])
  })

  it('lets another refusal through', async () => {
    const stage = await stageWith({ provides: filtering })
    server.script.onRequest = ({ query }) =>
      query.filter === undefined ? undefined : scimError(400, 'tooMany')
    expect(await incremental(stage)).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { scimType: 'tooMany' } },
    })
  })
})
