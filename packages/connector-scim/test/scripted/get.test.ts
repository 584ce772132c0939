import { afterEach, describe, expect, it } from 'vitest'
import { groupsOf, setScimStage, stored, usersOf } from '../scim-stage.ts'
import {
  people,
  person,
  type Script,
  type ScriptedServer,
  scimError,
  startScripted,
} from './scripted-server.ts'

describe('one record by its id', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  const stageWith = async (script: Partial<Script>, config = {}) => {
    server = await startScripted(script)
    return setScimStage(server.url, { config })
  }
  const group = { id: 'g1', displayName: 'One', members: [{ value: 'u1' }, { value: 'g2', type: 'Group' }] }

  it('is as a listing has it', async () => {
    const script = { users: [person('a b/c', { title: 'Boss' }), ...people(2)], groups: [group] }
    for (const members of ['auto', 'listed', 'fetched', 'none']) {
      const stage = await stageWith(script, { group: { members } })
      for (const [scope, externalId] of [
        [usersOf, 'a b/c'],
        [groupsOf, 'g1'],
      ] as const) {
        await stage.syncline.sync(scope)
        const listed = (await stored(stage, scope.resourceType))[externalId]
        const ref = { ...scope, externalId }
        expect(await stage.syncline.resources.lookUp(ref)).toEqual({ ...ref, ...(listed as object) })
      }
      await server.close()
    }
  })

  it('is null where there is none', async () => {
    const stage = await stageWith({ users: people(2) })
    expect(await stage.syncline.resources.lookUp({ ...usersOf, externalId: 'nobody' })).toBeNull()
  })

  it('asks for the attributes of the config', async () => {
    const stage = await stageWith({ users: people(1) }, { user: { excludedAttributes: ['photos', 'ims'] } })
    await stage.syncline.resources.lookUp({ ...usersOf, externalId: 'u0001' })
    expect(server.seen.map(({ path, query }) => [path, query])).toEqual([
      ['/Users/u0001', { excludedAttributes: 'photos,ims' }],
    ])
  })

  it('fails where the server fails or gives another', async () => {
    const stage = await stageWith({ users: people(2) })
    const ref = { ...usersOf, externalId: 'u0001' }
    server.script.onRequest = () => scimError(503)
    await expect(stage.syncline.resources.lookUp(ref)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    server.script.onRequest = () => ({ body: person('u0002') })
    await expect(stage.syncline.resources.lookUp(ref)).rejects.toMatchObject({
      code: 'CONNECTOR_ANSWER_INVALID',
    })
  })
})
