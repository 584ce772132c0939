import { afterEach, describe, expect, it } from 'vitest'
import { setScimStage } from '../scim-stage.ts'
import { people, type ScriptedServer, scimError, startScripted } from './scripted-server.ts'

describe('check', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const check = async (script: Parameters<typeof startScripted>[0]) => {
    server = await startScripted({ users: people(2), ...script })
    const stage = await setScimStage(server.url)
    return stage.syncline.connectors.check('corp')
  }

  it('passes where users and groups can be listed', async () => {
    await expect(check({})).resolves.toBeUndefined()
    expect(server.seen.map(({ path }) => path)).toEqual(['/ServiceProviderConfig', '/Users', '/Groups'])
  })

  it('passes where there are no groups', async () => {
    const onRequest = ({ path }: { path: string }) => (path === '/Groups' ? scimError(404) : undefined)
    await expect(check({ onRequest })).resolves.toBeUndefined()
  })

  it('says when the token is refused, users are missing, or groups are forbidden', async () => {
    await expect(check({ onRequest: () => scimError(401) })).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await server.close()
    const answering = (wanted: string, status: number) => ({
      onRequest: ({ path }: { path: string }) => (path === wanted ? scimError(status) : undefined),
    })
    for (const script of [answering('/Users', 404), answering('/Groups', 403)]) {
      await expect(check(script)).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
      await server.close()
    }
  })
})
