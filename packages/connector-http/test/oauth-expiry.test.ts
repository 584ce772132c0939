import { oauthRefreshToken } from '@syncline/connector-http'
import { expect, test } from 'vitest'
import { authStage } from './auth-stage.ts'

const values = { clientId: 'id', clientSecret: 'secret-12345', refreshToken: 'refresh-1' }

/** A token endpoint whose refresh tokens are good once. */
async function stageWith(answer: object) {
  let asked = 0
  const at = await authStage({
    authenticator: oauthRefreshToken({ tokenUrl: '/token' }),
    values,
    accepts: ({ headers }) => headers.authorization === 'Bearer access-2',
    token: () => {
      asked += 1
      const body = { access_token: 'access-2', refresh_token: 'refresh-2', ...answer }
      return asked === 1 ? { status: 200, body } : { status: 400, body: { error: 'invalid_grant' } }
    },
  })
  return { at, asked: () => asked }
}

test.each([
  1_795_262_430_000,
  1e13,
  1e300,
  -1,
  0,
  null,
  true,
  'soon',
  '',
  ' ',
  '0x10',
  [3600],
  {},
  3_200_000_000,
])('an expires_in of %j is unknown; the tokens are kept', async (expires_in) => {
  const { at, asked } = await stageWith({ expires_in })
  for (let run = 0; run < 2; run++) expect((await at.sync()).status).toBe('success')
  expect(asked()).toBe(1)
  const stored = await at.stored()
  expect(stored?.values).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
  expect(stored?.expiresAt).toBeUndefined()
})

test.each([86_400, '86400', 86_400.5, 315_360_000])('an expires_in of %j is believed', async (expires_in) => {
  const { at } = await stageWith({ expires_in })
  expect((await at.sync()).status).toBe('success')
  expect((await at.stored())?.expiresAt).toBeInstanceOf(Date)
})

test('a refresh token that is a number is kept as text', async () => {
  const { at } = await stageWith({ refresh_token: 17_000_001 })
  await at.sync()
  expect((await at.stored())?.values.refreshToken).toBe('17000001')
})
