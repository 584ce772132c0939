import {
  basic,
  bearer,
  type FunctionStream,
  type HttpConnector,
  httpConnector,
} from '@syncline/connector-http'
import { checkAccess } from './check-access.ts'
import { type ScimConfig, scimConfigSchema } from './config/config-schema.ts'
import { getRecord } from './get-record.ts'
import type { ListedType } from './listing/list-call.ts'
import { listPage } from './listing/list-page.ts'
import { listedGroups, listedUsers } from './listing/listed-types.ts'
import { createSeenIds } from './listing/seen-ids.ts'

export interface ScimConnectorOptions {
  /**
   * Ids that this process may remember at once, about 100 bytes each, for listings that come in no known order. Beyond
   * it the listing that was read longest ago is forgotten and begins again; one that has more records is refused.
   * @default 1_000_000
   */
  readonly maxRememberedIds?: number | undefined
}

/**
 * The connector type `scim`: users and groups of SCIM 2.0 service providers (RFC 7643, 7644, 9865). Incremental by
 * `meta.lastModified`, and one by one. Its credential holds `{ token }`, or `{ username, password }`.
 */
export function createScimConnector(options: ScimConnectorOptions = {}): HttpConnector<ScimConfig> {
  const seenIds = createSeenIds(options.maxRememberedIds ?? 1_000_000)
  const stream = (type: ListedType): FunctionStream<ScimConfig> => ({
    incremental: true,
    list: (call) => listPage({ call, type, seenIds }),
    get: (externalId, call) => getRecord(type, externalId, call),
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
