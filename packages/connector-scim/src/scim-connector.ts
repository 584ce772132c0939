import {
  basic,
  bearer,
  type FunctionStream,
  type HttpConnector,
  httpConnector,
} from '@syncline/connector-http'
import { checkAccess } from './check-access.ts'
import { type ScimConfig, scimConfigSchema } from './config/config-schema.ts'
import type { ListedType } from './listing/list-call.ts'
import { listPage } from './listing/list-page.ts'
import { listedGroups, listedUsers } from './listing/listed-types.ts'
import { createSeenIds } from './listing/seen-ids.ts'

export interface ScimConnectorOptions {
  /**
   * Listings of this process whose ids may be remembered at once, where a server lists in no known order; beyond it
   * the oldest is forgotten and begins again.
   * @default 16
   */
  readonly maxRememberedListings?: number | undefined
}

/**
 * The connector type `scim`: users and groups of SCIM 2.0 service providers (RFC 7643, 7644, 9865). Incremental by
 * `meta.lastModified`. Its credential holds `{ token }`, or `{ username, password }`.
 */
export function createScimConnector(options: ScimConnectorOptions = {}): HttpConnector<ScimConfig> {
  const seenIds = createSeenIds(options.maxRememberedListings ?? 16)
  const stream = (type: ListedType): FunctionStream<ScimConfig> => ({
    incremental: true,
    list: (call) => listPage({ call, type, seenIds }),
  })
  return httpConnector<ScimConfig>({
    type: 'scim',
    displayName: 'SCIM 2.0',
    configSchema: scimConfigSchema,
    baseUrl: ({ baseUrl }) => baseUrl,
    authenticator: ({ authentication }) => (authentication === 'basic' ? basic() : bearer()),
    headers: { accept: 'application/scim+json, application/json;q=0.9' },
    rateLimits: ({ rateLimit }) => (rateLimit === undefined ? [] : [{ name: 'config', ...rateLimit }]),
    timeoutMs: ({ timeoutMs }) => timeoutMs,
    maxBodyBytes: ({ maxAnswerBytes }) => maxAnswerBytes,
    streams: { user: stream(listedUsers), group: stream(listedGroups) },
    check: checkAccess,
  })
}

/** The connector type `scim` with its defaults. */
export const scim: HttpConnector<ScimConfig> = createScimConnector()
