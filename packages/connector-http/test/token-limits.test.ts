import { oauthClientCredentials, signedRequest } from '@syncline/connector-http'
import { expect, test } from 'vitest'
import { type AuthStageOptions, authStage, pathsOf, servers } from './auth-stage.ts'
import { serve } from './serve.ts'

const values = { clientId: 'id', clientSecret: 'secret-12345' }
const authenticator = oauthClientCredentials({ tokenUrl: '/token' })
const token = () => ({ status: 200, body: { access_token: 'access-1', expires_in: 86_400 } })
const accepts: AuthStageOptions['accepts'] = ({ headers }) => headers.authorization === 'Bearer access-1'

test('token requests are counted by the declared rate limits', async () => {
  const rateLimits = [{ windows: [{ limit: 1, perMs: 86_400_000 }] }]
  const at = await authStage({ authenticator, values, token, accepts, rateLimits })
  expect(await at.sync()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
  expect(pathsOf(at)).toEqual(['/token'])
})

test('a token never waits for the request that needs it, however narrow the limits', async () => {
  const rateLimits = [{ windows: [{ limit: 1, perMs: 5_000 }], concurrency: 1 }]
  const at = await authStage({ authenticator, values, token, accepts, rateLimits })
  const begun = at.clock.now().getTime()
  expect((await at.sync()).status).toBe('success')
  expect(pathsOf(at)).toEqual(['/token', '/users'])
  expect(at.clock.now().getTime() - begun).toBeGreaterThanOrEqual(5_000)
})

test('a policy may leave token requests out: their path begins at the origin', async () => {
  const paths: (string | undefined)[] = []
  const covers = ({ path }: { readonly path?: string | undefined }): boolean => {
    paths.push(path)
    return path !== '/token'
  }
  const rateLimits = [{ covers, windows: [{ limit: 1, perMs: 86_400_000 }] }]
  const at = await authStage({ authenticator, values, token, accepts, rateLimits })
  expect((await at.sync()).status).toBe('success')
  expect(paths).toEqual(['/token', '/users'])
})

test('a token endpoint on another origin counts for itself', async () => {
  const issuer = await serve(() => token().body)
  servers.push(issuer)
  const elsewhere = oauthClientCredentials({ tokenUrl: `${issuer.url}/token` })
  const rateLimits = [{ windows: [{ limit: 1, perMs: 86_400_000 }] }]
  const at = await authStage({ authenticator: elsewhere, values, accepts, rateLimits })
  expect((await at.sync()).status).toBe('success')
  expect(issuer.seen).toHaveLength(1)
})

test('a request is signed after its wait for the limits: signatures tell the time', async () => {
  const rateLimits = [{ minSpacingMs: 30_000 }]
  const signed: number[] = []
  const at = await authStage({
    authenticator: signedRequest((request, { now }) => {
      signed.push(now.getTime())
      return request
    }),
    values,
    accepts: () => true,
    rateLimits,
  })
  await at.sync()
  await at.sync()
  const [first = 0, second = 0] = signed
  expect(second - first).toBeGreaterThanOrEqual(30_000)
})
