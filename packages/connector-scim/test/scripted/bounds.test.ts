import { afterEach, describe, expect, it, vi } from 'vitest'
import { setScimStage, usersOf } from '../scim-stage.ts'
import { people, type ScriptedServer, startScripted } from './scripted-server.ts'

describe('bounds of the config', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const stageWith = async (config: Readonly<Record<string, unknown>>) => {
    server = await startScripted({ users: people(30) })
    return setScimStage(server.url, { pageSize: 10, config })
  }

  it('rateLimit spaces the requests out', async () => {
    const { syncline, clock } = await stageWith({ rateLimit: { minSpacingMs: 1_000 } })
    const began = clock.now().getTime()
    const sentAt: number[] = []
    server.script.onRequest = () => void sentAt.push(clock.now().getTime() - began)
    const run = syncline.sync(usersOf)
    for (const sent of [1, 2, 3, 4]) {
      await vi.waitFor(() => expect(sentAt.length).toBeGreaterThanOrEqual(sent))
      await clock.advance(1_000)
    }
    expect(await run).toMatchObject({ status: 'success', stats: { added: 30 } })
    expect(sentAt).toEqual([0, 1_000, 2_000, 3_000, 4_000])
  })

  it('timeoutMs ends a request that takes longer', async () => {
    const { syncline, clock } = await stageWith({ timeoutMs: 5_000 })
    server.script.onRequest = async ({ path }) => {
      if (path === '/Users') await clock.advance(5_000)
    }
    expect(await syncline.sync(usersOf)).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_TIMEOUT' },
    })
  })

  it('maxAnswerBytes refuses a longer answer', async () => {
    const { syncline } = await stageWith({ maxAnswerBytes: 400 })
    expect(await syncline.sync(usersOf)).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_ANSWER_INVALID' },
    })
  })
})
