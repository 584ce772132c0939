/** A connector for a paged REST API with OAuth, rate limits and incremental listings: its facts and nothing else. */
import {
  bodyToken,
  httpConnector,
  oauthClientCredentials,
  path,
  readAll,
  readPath,
  since,
} from '@syncline/connector-http'
import { z } from 'zod'

const paginator = bodyToken({ from: 'page.next', token: 'cursor', size: 'limit', maxPageSize: 200 })

export const acme = httpConnector({
  type: 'acme',
  displayName: 'Acme People',
  configSchema: z.strictObject({ baseUrl: z.url(), region: z.enum(['eu', 'us']).default('eu') }),
  baseUrl: ({ baseUrl }) => `${baseUrl}/v2`,
  // The credential's values `clientId` and `clientSecret`.
  authenticator: oauthClientCredentials({ tokenUrl: '/oauth/token', scope: 'directory.read' }),
  headers: ({ region }) => ({ 'x-region': region }),
  rateLimits: [
    {
      windows: [
        { limit: 90, perMs: 10_000 },
        { limit: 3, perMs: 1_000 },
      ],
      concurrency: 4,
    },
  ],
  errorRules: [
    { status: 400, when: ({ body }) => readPath(body, 'error') === 'cursor_expired', action: 'restart' },
    { when: ({ body }) => readPath(body, 'error') === 'slow_down', action: 'throttle' },
  ],
  streams: {
    user: {
      request: { path: '/people', query: { status: 'all' } },
      paginator,
      records: 'people',
      record: { externalId: 'id', displayName: { firstOf: ['name.full', 'login'] }, email: 'mail' },
      incremental: since('updated_since'),
      total: 'page.total',
    },
    group: {
      request: { path: '/teams' },
      paginator,
      records: 'teams',
      record: { externalId: 'id', displayName: 'title' },
      async hydrate(team, call) {
        const request = { path: path`/teams/${team.id}/people` }
        const people = await readAll(call, { request, paginator, records: 'people' })
        return { ...team, members: people.map((person) => String(readPath(person, 'id'))) }
      },
    },
  },
  check: { path: '/people', query: { limit: 1 } },
})
