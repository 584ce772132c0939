import { createHmac } from 'node:crypto'
import {
  type Authenticator,
  apiKey,
  basic,
  bearer,
  bodyLink,
  httpConnector,
  loginSession,
  oauthClientCredentials,
  oauthRefreshToken,
  signedRequest,
} from '@syncline/connector-http'
import { type Credential, createSyncline, type Run, SyncError } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { users } from './call.ts'
import { type SeenRequest, serve, type TestServer } from './serve.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

interface Stage {
  readonly server: TestServer
  readonly sync: () => Promise<Run>
  readonly save: (values: Readonly<Record<string, string>>) => Promise<unknown>
  readonly stored: () => Promise<Credential | undefined>
  readonly clock: ReturnType<typeof fakeClock>
  readonly events: string[]
}

interface StageOptions {
  readonly authenticator: Authenticator
  readonly values: Readonly<Record<string, string>>
  /** Whether a page request proves who asks. */
  readonly accepts: (request: SeenRequest) => boolean
  /** Answers any path but `/users`. */
  readonly token?: (
    request: SeenRequest,
  ) => { readonly status: number; readonly body: unknown } | Promise<never>
}

/** A connector with that authenticator, run by the real engine with a real credential store. */
async function stage({ authenticator, values, accepts, token }: StageOptions): Promise<Stage> {
  const clock = fakeClock({ auto: true })
  const server = await serve(async (request, response) => {
    const { pathname } = request.url
    if (pathname !== '/users') {
      const answer = (await token?.(request)) ?? { status: 404, body: {} }
      response.statusCode = answer.status
      return answer.body
    }
    response.statusCode = accepts(request) ? 200 : 401
    return { items: users(2), next: null }
  })
  servers.push(server)
  const connector = httpConnector({
    type: 'vendor',
    displayName: 'Vendor',
    configSchema: z.object({ baseUrl: z.string() }),
    baseUrl: ({ baseUrl }) => baseUrl,
    authenticator,
    streams: {
      user: {
        request: { path: '/users' },
        records: 'items',
        paginator: bodyLink({ from: 'next' }),
        record: { externalId: 'id', displayName: 'name' },
      },
    },
  })
  const events: string[] = []
  const store = memoryCredentialStore({ clock })
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    clock,
    credentials: store,
    connectorTypes: [connector],
    allowedNetworks: ['127.0.0.1'],
    onEvent: ({ kind }) => void events.push(kind),
  })
  await syncline.credentials.save({ ref: 'v', values })
  await syncline.connectors.save({
    connectorId: 'v',
    type: 'vendor',
    credentialRef: 'v',
    config: { baseUrl: server.url },
  })
  return {
    server,
    clock,
    events,
    sync: () => syncline.sync({ connectorId: 'v', resourceType: 'user' }),
    // As another process would: this one may still have the old one in its cache.
    save: (saved) => store.put({ tenantId: 'default', ref: 'v' }, { values: saved }),
    stored: () => store.read({ tenantId: 'default', ref: 'v' }),
  }
}

const paths = ({ server }: Stage): string[] => server.seen.map(({ url }) => url.pathname)

describe('authenticators send what upstream wants to see', () => {
  const hmac = (text: string): string => createHmac('sha256', 'signing-key-1').update(text).digest('hex')
  const cases: readonly (readonly [
    name: string,
    authenticator: Authenticator,
    values: Readonly<Record<string, string>>,
    accepts: StageOptions['accepts'],
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
    const at = await stage({ authenticator, values, accepts })
    expect(await at.sync()).toMatchObject({ status: 'success', stats: { added: 2 } })
  })

  test('a key in the query is struck from links before they become cursors', async () => {
    const server = await serve(({ url }) => {
      const page = Number(url.searchParams.get('page') ?? 1)
      const link = `/users?api_key=${url.searchParams.get('api_key')}&page=${page + 1}`
      return { items: users(1), next: page < 3 ? link : '' }
    })
    servers.push(server)
    const connector = httpConnector({
      type: 'vendor',
      displayName: 'Vendor',
      configSchema: z.object({}),
      baseUrl: server.url,
      authenticator: apiKey({ query: 'api_key' }),
      streams: {
        user: {
          request: { path: '/users' },
          records: 'items',
          paginator: bodyLink({ from: 'next' }),
          record: { externalId: 'id', displayName: 'name' },
        },
      },
    })
    const credentials = memoryCredentialStore()
    const syncline = createSyncline({
      credentials,
      connectorTypes: [connector],
      allowedNetworks: ['127.0.0.1'],
    })
    await syncline.credentials.save({ ref: 'v', values: { apiKey: 'query-key-0123456789' } })
    await syncline.connectors.save({ connectorId: 'v', type: 'vendor', credentialRef: 'v' })
    expect(await syncline.sync({ connectorId: 'v', resourceType: 'user' })).toMatchObject({
      status: 'success',
    })
    expect(server.seen.map(({ url }) => url.search)).toEqual([
      '?api_key=query-key-0123456789',
      '?page=2&api_key=query-key-0123456789',
      '?page=3&api_key=query-key-0123456789',
    ])
  })
})

describe('after a 401', () => {
  const fixed = { authenticator: bearer(), values: { token: 'token-old-1' } }

  test('a fixed secret that has not changed is not sent again', async () => {
    const at = await stage({ ...fixed, accepts: () => false })
    expect((await at.sync()).error?.code).toBe('UNAUTHORIZED')
    expect(at.server.seen).toHaveLength(1)
  })

  test('a fixed secret that someone has replaced is read past the cache and sent once more', async () => {
    const at = await stage({
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
    const good = await stage({
      authenticator,
      values,
      token,
      accepts: ({ headers }) => headers.authorization === 'Bearer access-2',
    })
    expect((await good.sync()).status).toBe('success')
    expect(paths(good)).toEqual(['/token', '/users', '/token', '/users'])

    const bad = await stage({ authenticator, values, token, accepts: () => false })
    expect((await bad.sync()).error?.code).toBe('UNAUTHORIZED')
    expect(paths(bad)).toEqual(['/token', '/users', '/token', '/users'])
  })
})

describe('OAuth 2', () => {
  const client = { clientId: 'id &1', clientSecret: 's:crët+12345' }
  const accepts: StageOptions['accepts'] = ({ headers }) => headers.authorization === 'Bearer access-1'
  const token = () => ({ status: 200, body: { access_token: 'access-1', expires_in: 3600 } })

  test('client credentials: the client proves itself by HTTP basic, form-encoded', async () => {
    const authenticator = oauthClientCredentials({
      tokenUrl: '/token',
      scope: 'users.read',
      parameters: { audience: 'api' },
    })
    const at = await stage({ authenticator, values: client, token, accepts })
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
    const at = await stage({ authenticator, values: client, token, accepts })
    await at.sync()
    expect(at.server.seen[0]?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(at.server.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    })
  })

  test('a token is used until it is about to expire, and saved for other processes', async () => {
    const at = await stage({
      authenticator: oauthClientCredentials({ tokenUrl: '/token' }),
      values: client,
      token,
      accepts,
    })
    await at.sync()
    await at.sync()
    expect(paths(at)).toEqual(['/token', '/users', '/users'])
    expect(await at.stored()).toMatchObject({ values: { accessToken: 'access-1', ...client } })
    await at.clock.advance(3_600_000)
    await at.sync()
    expect(paths(at)).toEqual(['/token', '/users', '/users', '/token', '/users'])
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
    const at = await stage({
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
      const at = await stage({
        authenticator: oauthRefreshToken({ tokenUrl: '/token' }),
        values: { ...client, refreshToken: 'refresh-1' },
        token: () => ({ status: error === 'invalid_client' ? 401 : 400, body: { error } }),
        accepts,
      })
      expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
      expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
      expect(paths(at)).toEqual(['/token'])
      expect(at.events).toContain('credential.reauth_required')
    },
  )

  test.each([
    ['429', { status: 429, body: {} }, 'RATE_LIMITED', 4],
    ['500', { status: 500, body: {} }, 'UPSTREAM_UNAVAILABLE', 4],
    ['400 of another kind', { status: 400, body: { error: 'invalid_scope' } }, 'UPSTREAM_REJECTED', 1],
    ['401 of a gateway', { status: 401, body: '<html>' }, 'UNAUTHORIZED', 1],
    ['200 without a token', { status: 200, body: {} }, 'CONNECTOR_ANSWER_INVALID', 1],
    ['a redirect', { status: 307, body: {} }, 'UPSTREAM_REJECTED', 1],
  ])(
    'a token endpoint that answers %s leaves the credential as it is',
    async (...[, answer, code, asked]) => {
      const at = await stage({
        authenticator: oauthClientCredentials({ tokenUrl: '/token' }),
        values: client,
        token: () => answer,
        accepts,
      })
      expect((await at.sync()).error?.code).toBe(code)
      expect(paths(at)).toEqual(Array(asked).fill('/token'))
      expect(await at.stored()).toMatchObject({ state: 'active', values: client })
    },
  )

  test('a token endpoint on another origin is sent what it needs, and nothing else is', async () => {
    const issuer = await serve(() => ({ access_token: 'access-1' }))
    servers.push(issuer)
    const at = await stage({
      authenticator: oauthClientCredentials({ tokenUrl: `${issuer.url}/oidc/token` }),
      values: client,
      accepts,
    })
    expect((await at.sync()).status).toBe('success')
    expect(issuer.seen.map(({ url }) => url.pathname)).toEqual(['/oidc/token'])
    expect(paths(at)).toEqual(['/users'])
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
    const at = await stage({
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
    expect(paths(at)).toEqual(['/login', '/users', '/users'])
    session = 2
    expect((await at.sync()).status).toBe('success')
    expect(paths(at).slice(3)).toEqual(['/users', '/login', '/users'])
  })

  test('a refused login is asked once: accounts get locked', async () => {
    const at = await stage({
      authenticator,
      values,
      token: () => ({ status: 401, body: {} }),
      accepts: () => true,
    })
    expect((await at.sync()).error?.code).toBe('CREDENTIAL_REAUTH_REQUIRED')
    await at.sync()
    expect(paths(at)).toEqual(['/login'])
  })
})

test('a value the credential lacks is named; a connector without a credential says so', async () => {
  const at = await stage({ authenticator: basic(), values: { username: 'u' }, accepts: () => true })
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
