/** What Acme's API looks like, for the connector test: a server on this machine plays it. */
import type { ConnectorContract, ContractRequest, EndpointContext, Reply } from '@syncline/testing'

const clientId = 'syncline'

function token({ headers, body }: ContractRequest, { secrets, issueToken }: EndpointContext): Reply {
  const basic = Buffer.from(`${clientId}:${secrets.clientSecret}`).toString('base64')
  const isGood =
    headers.authorization === `Basic ${basic}` && new URLSearchParams(body).get('scope') === 'directory.read'
  if (!isGood) return { status: 401, json: { error: 'invalid_client' } }
  return { json: { access_token: issueToken(), expires_in: 30 * 86_400 } }
}

const paged = (
  records: string,
): Pick<
  ConnectorContract['listings'][string],
  'paging' | 'maxPageSize' | 'expired' | 'reads' | 'answers'
> => ({
  paging: 'token',
  maxPageSize: 200,
  expired: { status: 400, json: { error: 'cursor_expired' } },
  reads: ({ query }) => ({
    token: query.get('cursor'),
    limit: query.get('limit'),
    modifiedSince: query.get('updated_since'),
  }),
  answers: ({ items, next, total }) => ({
    json: { [records]: [...items], page: { next: next?.token ?? null, total } },
  }),
})

export const acmeContract: ConnectorContract = {
  config: (baseUrl) => ({ baseUrl, region: 'us' }),
  refusedConfigs: [
    { config: { baseUrl: 'acme' }, message: 'baseUrl' },
    { config: { baseUrl: 'https://acme.example', region: 'moon' }, message: 'region' },
  ],
  credential: {
    identifiers: { clientId },
    secrets: { clientSecret: 'an-invented-secret-0451' },
    renews: true,
    accepts: ({ headers }, { issuedTokens }) =>
      headers['x-region'] === 'us' && issuedTokens.has(headers.authorization?.replace('Bearer ', '') ?? ''),
  },
  endpoints: [
    { method: 'POST', path: '/oauth/token', guarded: false, reply: token },
    {
      path: '/v2/teams/:id/people',
      query: ['limit'],
      reply: ({ params }) => ({
        json: { people: [{ id: 1 }, { id: Number(params.id) }], page: { next: null } },
      }),
    },
  ],
  throttles: {
    '429 with seconds': ({ seconds }) => ({ status: 429, headers: { 'retry-after': String(seconds) } }),
    '200 that says slow down': ({ seconds }) => ({
      headers: { 'retry-after': String(seconds) },
      json: { error: 'slow_down' },
    }),
  },
  rateLimits: [
    { limit: 90, perMs: 10_000 },
    { limit: 3, perMs: 1_000 },
  ],
  listings: {
    user: {
      ...paged('people'),
      path: '/v2/people',
      query: ['status', 'limit', 'cursor', 'updated_since'],
      incremental: true,
      ids: 'number',
      item: ({ id, name, email, updatedAt }) => ({
        id: Number(id),
        login: `login-${id}`,
        name: { full: name },
        ...(email !== undefined && { mail: email }),
        updated: updatedAt,
      }),
      samples: [
        {
          item: { id: 17, login: 'ada' },
          record: { externalId: '17', displayName: 'ada', email: null },
        },
      ],
    },
    group: {
      ...paged('teams'),
      path: '/v2/teams',
      query: ['limit', 'cursor'],
      ids: 'number',
      item: ({ id, name }) => ({ id: Number(id), title: name }),
      expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
      samples: [
        { item: { id: 17, title: 'Crew' }, record: { externalId: '17', displayName: 'Crew', email: null } },
      ],
    },
  },
}
