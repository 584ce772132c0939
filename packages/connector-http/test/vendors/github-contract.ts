import type { ConnectorContract, ListingContract } from '@syncline/testing'

const listing: Pick<ListingContract, 'query' | 'paging' | 'maxPageSize' | 'ids' | 'reads' | 'answers'> = {
  query: ['per_page', 'page'],
  paging: 'page',
  maxPageSize: 100,
  ids: 'number',
  reads: ({ query }) => ({ page: query.get('page'), limit: query.get('per_page') }),
  answers({ items, next, url }) {
    if (!next) return { json: items }
    const link = new URL(url)
    link.searchParams.set('page', String(next.page))
    return { json: items, headers: { link: `<${link.href}>; rel="next"` } }
  },
}

export const githubContract: ConnectorContract = {
  config: (baseUrl) => ({ baseUrl, org: 'acme' }),
  refusedConfigs: [{ config: { baseUrl: 'https://api.github.example' }, message: 'org' }],
  check: false,
  credential: {
    secrets: { token: 'github-token-0123456789' },
    accepts: ({ headers }, { secrets }) => headers.authorization === `Bearer ${secrets.token}`,
    refusal: { status: 401, json: { message: 'Bad credentials' } },
    forbidden: { status: 403, json: { message: 'Must have admin rights' } },
  },
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
  throttles: {
    '403 with a spent budget': ({ until }) => ({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(until.getTime() / 1_000) },
      json: { message: 'API rate limit exceeded' },
    }),
    '403 of the secondary limit': ({ seconds }) => ({
      status: 403,
      headers: { 'retry-after': String(seconds) },
      json: { message: 'You have exceeded a secondary rate limit' },
    }),
  },
  rateLimits: [{ limit: 5_000, perMs: 3_600_000 }],
  endpoints: [
    { path: '/orgs/acme/teams/:slug/members', query: ['per_page'], reply: () => ({ json: [{ id: 1 }] }) },
  ],
  listings: {
    user: {
      ...listing,
      path: '/orgs/acme/members',
      item: ({ id, name }) => ({ id: Number(id), login: name }),
      expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
      samples: [
        { item: { id: 9, login: 'ada' }, record: { externalId: '9', displayName: 'ada', email: null } },
      ],
    },
    team: {
      ...listing,
      path: '/orgs/acme/teams',
      item: ({ id, name }) => ({ id: Number(id), name, slug: `team-${id}` }),
      expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
      samples: [
        {
          item: { id: 9, name: 'Core', slug: 'core' },
          record: { externalId: '9', displayName: 'Core', email: null },
        },
      ],
    },
  },
}
