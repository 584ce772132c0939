import { createLdapConnector, type LdapConnectorOptions, ldapConfigSchema } from '@syncline/connector-ldap'
import {
  type Clock,
  type ConnectorContext,
  type ListAnswer,
  type ListPage,
  type ListRequest,
  SyncError,
  systemClock,
} from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'

export interface Lister {
  page(request?: Partial<ListRequest>, resourceType?: 'user' | 'group'): Promise<ListPage>
  check(): Promise<void>
  /** What was logged as a warning. */
  readonly warnings: readonly string[]
}

/** What surrounds the connector, where a test differs from the default. */
interface Surroundings extends LdapConnectorOptions {
  readonly clock?: Clock
  readonly allowedNetworks?: readonly string[]
}

/** Calls a connector of its own as the engine would, without one. */
export function listWith(
  config: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, string>> = {
    bindDn: 'cn=reader,dc=example,dc=com',
    password: 'reader-password',
  },
  surroundings: Surroundings = {},
): Lister {
  const { clock = systemClock, allowedNetworks = ['127.0.0.1'], ...options } = surroundings
  const connector = createLdapConnector(options)
  const warnings: string[] = []
  const silent = (): void => undefined
  const credential = {
    tenantId: 'default',
    ref: 'corp',
    version: 1,
    values,
    state: 'active',
    savedAt: new Date(0),
  } as const
  const context = {
    connectorId: 'corp',
    tenantId: 'default',
    config: ldapConfigSchema.parse({ directory: 'openldap', baseDn: 'dc=example,dc=com', ...config }),
    credential: {
      get: async () => credential,
      getFresh: async () => credential,
      refresh: async () => credential,
      reload: async () => credential,
    },
    logger: { debug: silent, info: silent, warn: (_, message) => warnings.push(message), error: silent },
    clock,
    rateLimiter: memoryRateLimiter(),
    allowedNetworks,
  } satisfies ConnectorContext<unknown>
  return {
    async page(request, resourceType = 'user') {
      const answer = await connector.resourceTypes[resourceType]?.list(
        { command: 'list', pageSize: 2, signal: new AbortController().signal, ...request },
        context,
      )
      return payloadOf(answer)
    },
    check: async () => connector.check?.(context),
    warnings,
  }
}

function payloadOf(answer: ListAnswer | undefined): ListPage {
  if (answer?.success === true) return answer.payload
  throw new SyncError('CONNECTOR_FAILED', `no page: ${JSON.stringify(answer)}`)
}
