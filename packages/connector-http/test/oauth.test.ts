import {
  oauthClientCredentials,
  oauthRefreshToken,
  renewable,
  type TokenRequest,
} from '@syncline/connector-http'
import { describe, expect, test } from 'vitest'
import { type AuthStageOptions, authStage, pathsOf, servers } from './auth-stage.ts'
import { type SeenRequest, serve } from './serve.ts'

describe('OAuth 2', () => {
  const client = { clientId: 'id &1', clientSecret: 's:crët+12345' }
  const accepts: AuthStageOptions['accepts'] = ({ headers }) => headers.authorization === 'Bearer access-1'
  const token = () => ({ status: 200, body: { access_token: 'access-1', expires_in: 3600 } })

  test('client credentials: the client proves itself by HTTP basic, form-encoded', async () => {
    const authenticator = oauthClientCredentials({
      tokenUrl: '/token',
      scope: 'users.read',
      parameters: { audience: 'api' },
    })
    const at = await authStage({ authenticator, values: client, token, accepts })
    expect((await at.sync()).status).toBe('success')
    const [asked] = at.server.seen
    expect(asked?.headers.authorization).toBe(
      `Basic ${Buffer.from(`${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`).toString('base64')}`,
    )
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'users.read',
      audience: 'api',
    })
  })

  test('client credentials in the body, where the vendor wants them there', async () => {
    const authenticator = oauthClientCredentials({ tokenUrl: '/token', clientAuthentication: 'body' })
    const at = await authStage({ authenticator, values: client, token, accepts })
    await at.sync()
    expect(at.server.seen[0]?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(at.server.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    })
  })

  test('a token is used until it is about to expire, and saved for other processes', async () => {
    const at = await authStage({
      authenticator: oauthClientCredentials({ tokenUrl: '/token' }),
      values: client,
      token,
      accepts,
    })
    await at.sync()
    await at.sync()
    expect(pathsOf(at)).toEqual(['/token', '/users', '/users'])
    expect(await at.stored()).toMatchObject({ values: { accessToken: 'access-1', ...client } })
    await at.clock.advance(3_600_000)
    await at.sync()
    expect(pathsOf(at)).toEqual(['/token', '/users', '/users', '/token', '/users'])
  })

  test('a refresh token rotates: the new one replaces the old, and one that is not sent stays', async () => {
    let turn = 1
    const rotating = ({ body }: SeenRequest) => {
      const sent = new URLSearchParams(body).get('refresh_token')
      if (sent !== `refresh-${Math.min(turn, 2)}`) return { status: 400, body: { error: 'invalid_grant' } }
      turn += 1
      return {
        status: 200,
        body: {
          access_token: 'access-1',
          expires_in: '60',
          ...(turn === 2 && { refresh_token: 'refresh-2' }),
        },
      }
    }
    const at = await authStage({
      authenticator: oauthRefreshToken({ tokenUrl: '/token' }),
      values: { clientId: 'public', refreshToken: 'refresh-1' },
      token: rotating,
      accepts,
    })
    for (let run = 0; run < 3; run++) {
      expect((await at.sync()).status).toBe('success')
      await at.clock.advance(120_000)
    }
    expect(turn).toBe(4)
    expect(await at.stored()).toMatchObject({ values: { refreshToken: 'refresh-2' }, state: 'active' })
    // A public client names itself in the body.
    expect(new URLSearchParams(at.server.seen[0]?.body).get('client_id')).toBe('public')
  })

  test.each(['invalid_grant', 'invalid_client', 'unauthorized_client'])(
    '%s means that a person must save new values: asked once, then not again',
    async (error) => {
      const at = await authStage({
        authenticator: oauthRefreshToken({ tokenUrl: '/token' }),
        values: { ...client, refreshToken: 'refresh-1' },
        token: () => ({ status: error === 'invalid_client' ? 401 : 400, body: { error } }),
        accepts,
      })
      expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
      expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
      expect(pathsOf(at)).toEqual(['/token'])
      expect(at.events).toContain('credential.reauth_required')
    },
  )

  const refused = { status: 200, body: { error: 'invalid_grant' } }

  test('invalid_grant said with a 200 is a refusal too', async () => {
    const authenticator = oauthRefreshToken({ tokenUrl: '/token' })
    const values = { ...client, refreshToken: 'refresh-1' }
    const at = await authStage({ authenticator, values, token: () => refused, accepts })
    expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    expect(await at.stored()).toMatchObject({ state: 'reauth_required' })
  })

  test('invalid_grant to a token exchange of your own is one as well, and what its own rules say comes first', async () => {
    const own = (errorRules: TokenRequest['errorRules']) =>
      renewable({
        value: 'accessToken',
        decorate: (request) => request,
        async renew(_, call, signal) {
          await call.ask({ url: '/token', method: 'POST', form: { assertion: 'jwt' }, errorRules }, signal)
          return { values: { accessToken: 'never' } }
        },
      })
    const refusing = { values: client, accepts, token: () => ({ ...refused, status: 400 }) }
    const at = await authStage({ ...refusing, authenticator: own([]) })
    expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    const retried = own([{ status: 400, action: 'retry' }])
    const other = await authStage({ ...refusing, authenticator: retried })
    expect((await other.sync()).error?.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(await other.stored()).toMatchObject({ state: 'active' })
  })

  test('invalid_grant after a 401 ends the run: the page is not asked for again', async () => {
    const values = { ...client, refreshToken: 'refresh-1', accessToken: 'access-0' }
    const authenticator = oauthRefreshToken({ tokenUrl: '/token' })
    const at = await authStage({ authenticator, values, token: () => refused, accepts })
    expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    expect(pathsOf(at)).toEqual(['/users', '/token'])
  })

  test.each([
    ['429', { status: 429, body: {} }, 'RATE_LIMITED', 4],
    ['500', { status: 500, body: { error: 'invalid_grant' } }, 'UPSTREAM_UNAVAILABLE', 4],
    ['400 of another kind', { status: 400, body: { error: 'invalid_scope' } }, 'UPSTREAM_REJECTED', 1],
    ['401 of a gateway', { status: 401, body: '<html>' }, 'UNAUTHORIZED', 1],
    ['200 without a token', { status: 200, body: {} }, 'CONNECTOR_ANSWER_INVALID', 1],
    ['a redirect', { status: 307, body: {} }, 'UPSTREAM_REJECTED', 1],
  ])(
    'a token endpoint that answers %s leaves the credential as it is',
    async (...[, answer, code, asked]) => {
      const at = await authStage({
        authenticator: oauthClientCredentials({ tokenUrl: '/token' }),
        values: client,
        token: () => answer,
        accepts,
      })
      expect((await at.sync()).error?.code).toBe(code)
      expect(pathsOf(at)).toEqual(Array(asked).fill('/token'))
      expect(await at.stored()).toMatchObject({ state: 'active', values: client })
    },
  )

  test('a token endpoint on another origin is sent what it needs, and nothing else is', async () => {
    const issuer = await serve(() => ({ access_token: 'access-1' }))
    servers.push(issuer)
    const at = await authStage({
      authenticator: oauthClientCredentials({ tokenUrl: `${issuer.url}/oidc/token` }),
      values: client,
      accepts,
    })
    expect((await at.sync()).status).toBe('success')
    expect(issuer.seen.map(({ url }) => url.pathname)).toEqual(['/oidc/token'])
    expect(pathsOf(at)).toEqual(['/users'])
  })
})
