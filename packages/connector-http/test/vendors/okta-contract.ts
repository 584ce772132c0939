import type { ConnectorContract, ListingContract } from '@syncline/testing'

/** https://developer.okta.com/docs/reference/rate-limits: no `Retry-After`, but when the budget is whole again. */
const spent = (until: Date) => ({
  status: 429,
  headers: {
    'x-rate-limit-limit': '600',
    'x-rate-limit-remaining': '0',
    'x-rate-limit-reset': String(until.getTime() / 1_000),
  },
  json: { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit due to too many requests.' },
})

const listing: Pick<ListingContract, 'query' | 'paging' | 'maxPageSize' | 'reads' | 'answers'> = {
  query: ['per_page', 'after'],
  paging: 'token',
  maxPageSize: 200,
  reads: ({ query }) => ({ token: query.get('after'), limit: query.get('per_page') }),
  answers({ items, next, url }) {
    const links = [`<${url.href}>; rel="self"`]
    if (next) {
      const link = new URL(url)
      link.searchParams.set('after', next.token)
      links.push(`<${link.href}>; rel="next"`)
    }
    return { json: items, headers: { link: links.join(', ') } }
  },
}

export const oktaContract: ConnectorContract = {
  config: (baseUrl) => ({ baseUrl }),
  refusedConfigs: [{ config: { baseUrl: 'acme' }, message: 'baseUrl' }],
  credential: {
    secrets: { apiKey: 'okta-key-0123456789abcdef' },
    accepts: ({ headers }, { secrets }) => headers.authorization === `SSWS ${secrets.apiKey}`,
    refusal: { status: 401, json: { errorCode: 'E0000011', errorSummary: 'Invalid token provided' } },
    forbidden: { status: 403, json: { errorCode: 'E0000006', errorSummary: 'Access denied' } },
  },
  throttles: { '429 with a reset': ({ until }) => spent(until) },
  endpoints: [
    { path: '/api/v1/groups/:id/users', query: ['per_page'], reply: () => ({ json: [{ id: 'u1' }] }) },
  ],
  listings: {
    user: {
      ...listing,
      path: '/api/v1/users',
      item: ({ id, name, email, updatedAt }) => ({
        id,
        lastUpdated: updatedAt,
        profile: { displayName: name, ...(email !== undefined && { email }) },
      }),
      samples: [
        {
          item: { id: '00u1', status: 'DEPROVISIONED', profile: { displayName: 'Left' } },
          record: { externalId: '00u1', displayName: 'Left', email: null },
        },
      ],
    },
    group: {
      ...listing,
      path: '/api/v1/groups',
      item: ({ id, name }) => ({ id, profile: { name } }),
      expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
      samples: [
        {
          item: { id: '00g1', profile: { name: 'Everyone', description: null } },
          record: { externalId: '00g1', displayName: 'Everyone', email: null },
        },
      ],
    },
  },
}
