import { authifiConfigSchema } from '@syncline/connector-authifi'
import { describe, expect, test } from 'vitest'

const least = { baseUrl: 'https://login.example', tenantId: 'acme' }
const problems = (config: object): readonly string[] =>
  authifiConfigSchema
    .safeParse(config)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('the config', () => {
  test('needs the address and the tenant, and has a default for everything else', () => {
    expect(authifiConfigSchema.parse(least)).toEqual({
      ...least,
      scopes: [],
      clientAuthentication: 'basic',
      paging: { mode: 'keyset' },
      filter: { parameter: 'filter', style: 'json' },
      counts: true,
      rolesPath: '/access-roles',
      rateLimit: { windows: [{ limit: 10, perMs: 1_000 }], concurrency: 4 },
      timeoutMs: 30_000,
      maxAnswerBytes: 67_108_864,
    })
    expect(problems({})).toHaveLength(2)
  })

  test.each([
    'login.example',
    'ftp://login.example',
    'https://login.example/auth',
    'https://login.example?x=1',
    'https://ann:pw@login.example',
  ])('refuses %s as an address and says what it should be', (baseUrl) => {
    expect(problems({ ...least, baseUrl })).toEqual([expect.stringMatching(/^baseUrl: /)])
  })

  test.each(['', 'a/b', '..', 'a b', 'a?b'])('refuses %j as a tenant', (tenantId) => {
    expect(problems({ ...least, tenantId })).toEqual([expect.stringContaining('must be the tenant')])
  })

  const wrong: readonly (readonly [config: object, message: string])[] = [
    [{ clientSecret: 'x' }, 'Unrecognized key: "clientSecret"'],
    [{ scopes: ['two scopes'] }, 'must be one scope'],
    [{ paging: { mode: 'offset' } }, 'paging.mode: Invalid'],
    [{ paging: { mode: 'keyset', tokenField: 'x' } }, 'Unrecognized key: "tokenField"'],
    [{ filter: { parameter: 'a&b' } }, 'name of a query parameter'],
    [{ members: { path: '/groups/users' } }, 'must hold {groupId}'],
    [{ rolesPath: 'roles' }, 'path below the tenant'],
    [{ incremental: { field: '' } }, 'name of a field'],
    [{ rateLimit: { windows: [{ limit: 0, perMs: 1_000 }] } }, 'rateLimit.windows.0.limit'],
  ]
  test.each(wrong)('refuses %j and says why', (config, message) => {
    expect(problems({ ...least, ...config })).toEqual([expect.stringContaining(message)])
  })
})
