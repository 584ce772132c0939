import { createScimConnector, scimConfigSchema } from '@syncline/connector-scim'
import { type ConnectorContext, type ListAnswer, SyncError, systemClock } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'

/** Calls a connector of its own as the engine would, from the first page to the last, without one. */
export async function listAll(
  config: Readonly<Record<string, unknown>>,
  pageSize: number,
): Promise<readonly string[]> {
  const connector = createScimConnector()
  const silent = (): void => undefined
  const credential = {
    tenantId: 'default',
    ref: 'corp',
    version: 1,
    values: { token: 'any' },
    state: 'active',
    savedAt: new Date(0),
  } as const
  const context = {
    connectorId: 'corp',
    tenantId: 'default',
    config: scimConfigSchema.parse(config),
    credential: {
      get: async () => credential,
      getFresh: async () => credential,
      refresh: async () => credential,
      reload: async () => credential,
    },
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    rateLimiter: memoryRateLimiter(),
    allowedNetworks: ['127.0.0.1'],
  } satisfies ConnectorContext<unknown>
  const ids: string[] = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const request = { command: 'listUsers', pageSize, signal: new AbortController().signal, cursor }
    const { resources, nextCursor } = payloadOf(await connector.resourceTypes.user?.list(request, context))
    ids.push(...resources.map(({ externalId }) => externalId))
    cursor = nextCursor
  }
  return ids
}

function payloadOf(answer: ListAnswer | undefined) {
  if (answer?.success === true) return answer.payload
  throw new SyncError('CONNECTOR_FAILED', `no page: ${JSON.stringify(answer)}`)
}
