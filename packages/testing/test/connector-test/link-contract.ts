import type { ConnectorContract } from '../../src/index.ts'

export const linkContract: ConnectorContract = {
  config: (baseUrl) => ({ baseUrl }),
  refusedConfigs: [
    { config: {}, message: 'baseUrl' },
    { config: { baseUrl: 'nowhere' }, message: 'Invalid URL' },
  ],
  credential: {
    secrets: { token: 'canary-link-Qx7WvE4tR9yU2iO5' },
    accepts: ({ headers }, { secrets }) => headers.authorization === `Bearer ${secrets.token}`,
  },
  listings: {
    user: {
      path: '/users',
      query: ['per_page', 'since', 'after'],
      paging: 'token',
      maxPageSize: 20,
      incremental: true,
      expired: { status: 410 },
      reads: ({ query }) => ({
        token: query.get('after'),
        limit: query.get('per_page'),
        modifiedSince: query.get('since'),
      }),
      answers({ items, next, url }) {
        if (!next) return { json: items }
        const link = new URL(url)
        link.searchParams.set('after', next.token)
        return { json: items, headers: { link: `<${link.href}>; rel="next"` } }
      },
      item: ({ id, name, email, updatedAt }) => ({
        id,
        name,
        ...(email !== undefined && { mail: email }),
        updatedAt,
      }),
      samples: [
        { item: { id: 's1', name: '' }, record: { externalId: 's1', displayName: '', email: null } },
        {
          item: { id: 's2', name: 'Ada', mail: 'ada@example.com', team: 'a' },
          record: { externalId: 's2', displayName: 'Ada', email: 'ada@example.com' },
        },
      ],
    },
  },
}
