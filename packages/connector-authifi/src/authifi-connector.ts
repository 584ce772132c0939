/** Authifi's admin API: its facts. What is assumed rather than documented is in the config, with a default. */
import { type HttpConnector, httpConnector, oauthClientCredentials, path } from '@syncline/connector-http'
import { changedSince } from './changed-since.ts'
import { checkInstance } from './check-instance.ts'
import { type AuthifiConfig, authifiConfigSchema } from './config-schema.ts'
import { countedPages } from './counted-pages.ts'
import { errorRules } from './error-rules.ts'
import { groupsByPage, withMembers } from './members.ts'
import { namedRecord, userRecord } from './records.ts'

/**
 * The connector type `authifi`: users, groups and access roles of one tenant. Its credential holds `clientId` and
 * `clientSecret` of a client that may use the client credentials grant.
 */
export const authifi: HttpConnector<AuthifiConfig> = httpConnector<AuthifiConfig>({
  type: 'authifi',
  displayName: 'Authifi',
  configSchema: authifiConfigSchema,
  baseUrl: ({ baseUrl, tenantId }) => new URL(path`/auth/admin/tenants/${tenantId}`, baseUrl).href,
  authenticator: ({ tenantId, scopes, clientAuthentication }) =>
    oauthClientCredentials({
      tokenUrl: path`/_api/auth/${tenantId}/oidc/token`,
      scope: scopes.join(' ') || undefined,
      clientAuthentication,
    }),
  rateLimits: ({ rateLimit }) => [{ name: 'config', ...rateLimit }],
  errorRules,
  timeoutMs: ({ timeoutMs }) => timeoutMs,
  maxBodyBytes: ({ maxAnswerBytes }) => maxAnswerBytes,
  streams: {
    user: {
      request: { path: '/users' },
      paginator: countedPages,
      record: userRecord,
      incremental: changedSince,
      get: (userId) => ({ path: path`/users/${userId}` }),
    },
    group: {
      request: { path: '/groups' },
      paginator: groupsByPage,
      record: namedRecord,
      hydrate: withMembers,
      incremental: changedSince,
      get: (groupId) => ({ path: path`/groups/${groupId}` }),
    },
    role: {
      request: ({ config }) => ({ path: config.rolesPath }),
      paginator: countedPages,
      record: namedRecord,
      incremental: changedSince,
      get: (roleId, { config }) => ({ path: config.rolesPath + path`/${roleId}` }),
    },
  },
  check: checkInstance,
})
