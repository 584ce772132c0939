import { describe, expect, test } from 'vitest'
import { expected, listed, setAuthifiStage } from './authifi-stage.ts'

describe('access tokens', () => {
  test('one does for all listings until it ends, then there is one new one', async () => {
    const stage = await setAuthifiStage()
    await stage.sync()
    await stage.sync('group')
    expect(stage.server.tokens.issued()).toBe(1)
    await stage.clock.advance(3_600_000)
    expect((await stage.sync()).status).toBe('success')
    expect(stage.server.tokens.issued()).toBe(2)
  })

  test('one that was revoked in the middle of a listing is renewed once, and the listing goes on', async () => {
    const stage = await setAuthifiStage({ pageSize: 3 })
    let revoked = false
    stage.server.interfere = ({ query }) => {
      if (!revoked && query.get('filter')?.includes('"gt":3')) {
        revoked = true
        stage.server.tokens.revoke()
      }
      return undefined
    }
    expect(await stage.sync()).toMatchObject({ status: 'success', stats: { added: 9 } })
    expect(revoked).toBe(true)
    expect(stage.server.tokens.issued()).toBe(2)
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })

  test('where new ones are refused too, the run ends as UNAUTHORIZED after one renewal', async () => {
    const stage = await setAuthifiStage()
    stage.server.interfere = ({ path }) => (path.includes('/admin/') ? { status: 401, body: {} } : undefined)
    expect((await stage.sync()).error?.code).toBe('UNAUTHORIZED')
    expect(stage.server.tokens.issued()).toBe(2)
  })

  test('a client that is not known must be saved anew, and is not tried again and again', async () => {
    const stage = await setAuthifiStage()
    const values = { clientId: 'syncline', clientSecret: 'another-secret-0451' }
    await stage.syncline.credentials.save({ ref: 'acme', values })
    expect((await stage.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    const asked = stage.server.seen.length
    expect((await stage.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    expect(stage.server.seen.length).toBe(asked)
  })

  test('the client may prove itself in the body', async () => {
    const stage = await setAuthifiStage({
      dialect: { clientAuthentication: 'body' },
      config: { clientAuthentication: 'body' },
    })
    expect((await stage.sync()).status).toBe('success')
  })
})

describe('scopes', () => {
  const scopes = ['auth.users.list', 'auth.groups.list', 'auth.access-roles.list']

  test('are asked for as the config says, and none by default', async () => {
    const plain = await setAuthifiStage()
    await plain.sync()
    expect(plain.server.seen[0]?.body).not.toContain('scope')
    const stage = await setAuthifiStage({ dialect: { wantsScopes: true }, config: { scopes } })
    await stage.sync()
    expect(new URLSearchParams(stage.server.seen[0]?.body).get('scope')).toBe(scopes.join(' '))
    expect(await stage.held('user')).toEqual(expected(stage.tenant, 'user'))
  })

  test('one that is missing is said to be: the run ends, is not tried again, and nothing goes stale', async () => {
    const stage = await setAuthifiStage({
      dialect: { wantsScopes: true },
      config: { scopes: scopes.slice(1), counts: false },
    })
    const run = await stage.sync()
    expect(run.error).toMatchObject({ code: 'UPSTREAM_REJECTED', details: { failureType: 'config' } })
    expect(run.error?.message).toContain('scopes')
    expect(listed(stage)).toHaveLength(1)
    expect((await stage.sync('group')).status).toBe('success')
  })

  test('that the instance does not know end the run before anything is listed', async () => {
    const stage = await setAuthifiStage({ config: { scopes: ['everything'] } })
    expect((await stage.sync()).error?.code).toBe('UPSTREAM_REJECTED')
    expect(listed(stage)).toHaveLength(0)
  })
})
