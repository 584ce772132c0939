import { scimConfigSchema } from '@syncline/connector-scim'
import { describe, expect, it } from 'vitest'

const baseUrl = 'https://scim.example/v2'
const problems = (config: object): readonly string[] =>
  scimConfigSchema
    .safeParse(config)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('the config', () => {
  it('needs nothing but baseUrl', () => {
    expect(scimConfigSchema.parse({ baseUrl })).toMatchObject({
      authentication: 'bearer',
      user: { endpoint: '/Users' },
      group: { endpoint: '/Groups', members: 'auto' },
      stableOrder: false,
      maxPasses: 3,
    })
  })

  it('refuses a baseUrl that is no plain http address', () => {
    for (const wrong of [
      'ftp://scim.example',
      'https://ann:pw@scim.example',
      'https://scim.example?x=1',
      'scim',
    ]) {
      expect(problems({ baseUrl: wrong })).toHaveLength(1)
    }
  })

  it('refuses secrets and other unknown fields', () => {
    expect(problems({ baseUrl, token: 'secret' })).toEqual([': Unrecognized key: "token"'])
  })

  it('refuses attributes together with excludedAttributes', () => {
    const both = { attributes: ['userName'], excludedAttributes: ['emails'] }
    expect(problems({ baseUrl, user: both })).toEqual([expect.stringContaining('exclude each other')])
    expect(problems({ baseUrl, group: both })).toEqual([expect.stringContaining('exclude each other')])
  })

  it('refuses an endpoint that is no path and an attribute that is no name', () => {
    expect(problems({ baseUrl, user: { endpoint: 'Users?x' } })).toHaveLength(1)
    expect(problems({ baseUrl, user: { attributes: ['a,b'] } })).toHaveLength(1)
  })
})
