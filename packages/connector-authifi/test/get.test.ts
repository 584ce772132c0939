import { describe, expect, test } from 'vitest'
import { expected, setAuthifiStage } from './authifi-stage.ts'

describe('get', () => {
  test.each(['user', 'group', 'role'] as const)('gives one %s as a listing would', async (resourceType) => {
    const stage = await setAuthifiStage()
    const ref = { connectorId: 'acme', resourceType, externalId: '2' }
    const found = await stage.syncline.resources.lookUp(ref)
    expect(found).toEqual({ ...ref, ...(expected(stage.tenant, resourceType)['2'] as object) })
    expect(await stage.held(resourceType)).toEqual({})
  })

  test('gives null for one that is not there', async () => {
    const stage = await setAuthifiStage()
    const ref = { connectorId: 'acme', resourceType: 'user', externalId: '404' }
    expect(await stage.syncline.resources.lookUp(ref)).toBeNull()
  })

  test('gives a group with its members where the config says so, and a role at the path it says', async () => {
    const config = { members: {}, rolesPath: '/roles' }
    const stage = await setAuthifiStage({ config, dialect: { rolesPath: '/roles' } })
    const lookUp = (resourceType: string) =>
      stage.syncline.resources.lookUp({ connectorId: 'acme', resourceType, externalId: '2' })
    expect((await lookUp('group'))?.attributes.members).toEqual(['2', '3', '4'])
    expect((await lookUp('role'))?.displayName).toBe('role:2')
  })

  test('throws where Authifi refuses', async () => {
    const stage = await setAuthifiStage({ dialect: { wantsScopes: true } })
    const ref = { connectorId: 'acme', resourceType: 'user', externalId: '2' }
    await expect(stage.syncline.resources.lookUp(ref)).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' })
  })
})
