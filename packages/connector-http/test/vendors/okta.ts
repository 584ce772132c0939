import { apiKey, httpConnector, linkHeader, path, readAll, readPath } from '@syncline/connector-http'
import { z } from 'zod'

// Okta pages by `limit`; the emulator by `per_page`.
const paginator = linkHeader({ size: 'per_page', maxPageSize: 200 })

export const okta = (authenticator = apiKey({ header: 'authorization', prefix: 'SSWS ' })) =>
  httpConnector({
    type: 'okta',
    displayName: 'Okta',
    configSchema: z.object({ baseUrl: z.url() }),
    baseUrl: ({ baseUrl }) => `${baseUrl}/api/v1`,
    authenticator,
    rateLimits: [{ concurrency: 35 }],
    streams: {
      user: {
        request: { path: '/users' },
        paginator,
        record: { externalId: 'id', displayName: 'profile.displayName', email: 'profile.email' },
        // Without a filter Okta leaves deprovisioned users out.
        coverage: 'full',
      },
      group: {
        request: { path: '/groups' },
        paginator,
        record: { externalId: 'id', displayName: 'profile.name' },
        async hydrate(group, call) {
          const request = { path: path`/groups/${group.id}/users` }
          const members = await readAll(call, { request, paginator })
          return { ...group, members: members.map((member) => String(readPath(member, 'id'))) }
        },
      },
    },
    check: { path: '/users', query: { per_page: 1 } },
  })
