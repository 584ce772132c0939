import type { ConnectorContract, ContractRequest, Reply } from '@syncline/testing'

const form = ({ body }: ContractRequest): URLSearchParams => new URLSearchParams(body)
/** Slack says 200 and means something else. */
const error = (name: string): Reply => ({ json: { ok: false, error: name } })

export const slackContract: ConnectorContract = {
  config: (baseUrl) => ({ baseUrl }),
  refusedConfigs: [{ config: {}, message: 'baseUrl' }],
  credential: {
    secrets: { token: 'slack-token-0123456789' },
    accepts: ({ headers }, { secrets }) => headers.authorization === `Bearer ${secrets.token}`,
    refusal: error('invalid_auth'),
    forbidden: error('missing_scope'),
  },
  throttles: {
    '429 with seconds': ({ seconds }) => ({
      ...error('ratelimited'),
      status: 429,
      headers: { 'retry-after': String(seconds) },
    }),
    '200 that says ratelimited': ({ seconds }) => ({
      ...error('ratelimited'),
      headers: { 'retry-after': String(seconds) },
    }),
  },
  rateLimits: [{ limit: 20, perMs: 60_000 }],
  endpoints: [{ method: 'POST', path: '/api/auth.test', reply: () => ({ json: { ok: true } }) }],
  listings: {
    user: {
      method: 'POST',
      path: '/api/users.list',
      paging: 'token',
      maxPageSize: 200,
      expired: error('invalid_cursor'),
      reads: (request) => ({ token: form(request).get('cursor'), limit: form(request).get('limit') }),
      answers: ({ items, next }) => ({
        json: { ok: true, members: items, response_metadata: { next_cursor: next?.token ?? '' } },
      }),
      item: ({ id, name, email }) => ({
        id,
        name: `handle-${id}`,
        profile: { real_name: name, ...(email !== undefined && { email }) },
      }),
      samples: [
        {
          item: { id: 'B1', name: 'robot', profile: {} },
          record: { externalId: 'B1', displayName: 'robot', email: null },
        },
      ],
    },
  },
}
