import { createHmac } from 'node:crypto'
import {
  type Authenticator,
  apiKey,
  basic,
  bearer,
  loginSession,
  oauthClientCredentials,
  signedRequest,
} from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { type AuthStageOptions, authStage, pathsOf } from './auth-stage.ts'

describe('authenticators send what upstream wants to see', () => {
  const hmac = (text: string): string => createHmac('sha256', 'signing-key-1').update(text).digest('hex')
  const cases: readonly (readonly [
    name: string,
    authenticator: Authenticator,
    values: Readonly<Record<string, string>>,
    accepts: AuthStageOptions['accepts'],
  ])[] = [
    ['bearer', bearer(), { token: 'token-1' }, ({ headers }) => headers.authorization === 'Bearer token-1'],
    [
      'bearer of another name',
      bearer({ token: 'pat' }),
      { pat: 'p' },
      ({ headers }) => headers.authorization === 'Bearer p',
    ],
    [
      'API key in a header',
      apiKey({ header: 'X-Api-Key' }),
      { apiKey: 'k' },
      ({ headers }) => headers['x-api-key'] === 'k',
    ],
    [
      'API key with a prefix',
      apiKey({ header: 'Authorization', prefix: 'SSWS ' }),
      { apiKey: 'k' },
      ({ headers }) => headers.authorization === 'SSWS k',
    ],
    [
      'API key in the query',
      apiKey({ query: 'api_key' }),
      { apiKey: 'a b&c' },
      ({ url }) => url.searchParams.get('api_key') === 'a b&c',
    ],
    [
      'basic, in UTF-8',
      basic(),
      { username: 'zoë', password: 'p:w' },
      ({ headers }) => headers.authorization === `Basic ${Buffer.from('zoë:p:w').toString('base64')}`,
    ],
    [
      'a signed request',
      signedRequest((request, { values }) => ({
        ...request,
        headers: {
          ...request.headers,
          'x-signature': createHmac('sha256', values.key ?? '')
            .update(`${request.method} ${request.url.pathname}`)
            .digest('hex'),
        },
      })),
      { key: 'signing-key-1' },
      ({ headers, url }) => headers['x-signature'] === hmac(`GET ${url.pathname}`),
    ],
  ]
  test.each(cases)('%s', async (...[, authenticator, values, accepts]) => {
    const at = await authStage({ authenticator, values, accepts })
    expect(await at.sync()).toMatchObject({ status: 'success', stats: { added: 2 } })
  })
})

describe('after a 401', () => {
  const fixed = { authenticator: bearer(), values: { token: 'token-old-1' } }

  test('a fixed secret that has not changed is not sent again', async () => {
    const at = await authStage({ ...fixed, accepts: () => false })
    expect((await at.sync()).error?.code).toBe('UNAUTHORIZED')
    expect(at.server.seen).toHaveLength(1)
  })

  test('a fixed secret that someone has replaced is read past the cache and sent once more', async () => {
    const at = await authStage({
      ...fixed,
      accepts: ({ headers }) => headers.authorization === 'Bearer token-new-2',
    })
    expect((await at.sync()).error?.code).toBe('UNAUTHORIZED')
    await at.save({ token: 'token-new-2' })
    expect((await at.sync()).status).toBe('success')
    expect(at.server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-old-1',
      'Bearer token-old-1',
      'Bearer token-new-2',
    ])
  })

  test('a token is renewed once and the request sent once more; a second 401 ends it', async () => {
    let issued = 0
    const token = () => ({ status: 200, body: { access_token: `access-${++issued}` } })
    const values = { clientId: 'id', clientSecret: 'secret-12345' }
    const authenticator = oauthClientCredentials({ tokenUrl: '/token' })
    const good = await authStage({
      authenticator,
      values,
      token,
      accepts: ({ headers }) => headers.authorization === 'Bearer access-2',
    })
    expect((await good.sync()).status).toBe('success')
    expect(pathsOf(good)).toEqual(['/token', '/users', '/token', '/users'])

    const bad = await authStage({ authenticator, values, token, accepts: () => false })
    expect((await bad.sync()).error?.code).toBe('UNAUTHORIZED')
    expect(pathsOf(bad)).toEqual(['/token', '/users', '/token', '/users'])
  })
})

describe('login session', () => {
  const authenticator = loginSession({
    login: ({ username = '', password = '' }) => ({ url: '/login', json: { username, password } }),
    token: 'session.id',
    lifetimeMs: 600_000,
    decorate: (request, token) => ({ ...request, headers: { ...request.headers, cookie: `sid=${token}` } }),
  })
  const values = { username: 'reader', password: 'password-1' }

  test('signs in once, sends the session, and signs in again when upstream has forgotten it', async () => {
    let session = 1
    const at = await authStage({
      authenticator,
      values,
      token: ({ body }) =>
        body === JSON.stringify(values)
          ? { status: 200, body: { session: { id: `session-${session}` } } }
          : { status: 401, body: {} },
      accepts: ({ headers }) => headers.cookie === `sid=session-${session}`,
    })
    await at.sync()
    await at.sync()
    expect(pathsOf(at)).toEqual(['/login', '/users', '/users'])
    session = 2
    expect((await at.sync()).status).toBe('success')
    expect(pathsOf(at).slice(3)).toEqual(['/users', '/login', '/users'])
  })

  test('a refused login is asked once: accounts get locked', async () => {
    const at = await authStage({
      authenticator,
      values,
      token: () => ({ status: 401, body: {} }),
      accepts: () => true,
    })
    expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    await at.sync()
    expect(pathsOf(at)).toEqual(['/login'])
  })
})

test('a value the credential lacks is named; a connector without a credential says so', async () => {
  const at = await authStage({ authenticator: basic(), values: { username: 'u' }, accepts: () => true })
  expect((await at.sync()).error).toMatchObject({
    code: 'CREDENTIAL_INVALID',
    message: expect.stringContaining('password'),
  })
  expect(at.server.seen).toEqual([])
  const missing = new SyncError('CREDENTIAL_NOT_FOUND', '')
  const request = { method: 'GET', url: new URL('http://x'), headers: {}, body: undefined }
  const call = { credential: undefined, clock: fakeClock(), ask: () => Promise.reject(missing) }
  await expect(basic().authenticate(request, call)).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_FOUND' })
})
