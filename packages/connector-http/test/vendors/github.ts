import { bearer, httpConnector, linkHeader, path, readAll, readPath } from '@syncline/connector-http'
import { z } from 'zod'

const paginator = linkHeader({ size: 'per_page', maxPageSize: 100 })

export const github = httpConnector({
  type: 'github',
  displayName: 'GitHub',
  configSchema: z.object({ baseUrl: z.url(), org: z.string() }),
  baseUrl: ({ baseUrl }) => baseUrl,
  authenticator: bearer(),
  headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  rateLimits: [{ windows: [{ limit: 5_000, perMs: 3_600_000 }], concurrency: 20 }],
  streams: {
    user: {
      request: ({ config }) => ({ path: path`/orgs/${config.org}/members` }),
      paginator,
      record: { externalId: 'id', displayName: 'login' },
    },
    team: {
      request: ({ config }) => ({ path: path`/orgs/${config.org}/teams` }),
      paginator,
      record: { externalId: 'id', displayName: 'name' },
      async hydrate(team, call) {
        const request = { path: path`/orgs/${call.config.org}/teams/${team.slug}/members` }
        const members = await readAll(call, { request, paginator })
        return { ...team, members: members.map((member) => String(readPath(member, 'id'))) }
      },
    },
  },
})
