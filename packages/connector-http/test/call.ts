import {
  type HttpConnector,
  type HttpConnectorDefinition,
  httpConnector,
  type Stream,
} from '@syncline/connector-http'
import {
  type ConnectorContext,
  type Credential,
  type CredentialAccess,
  type JsonObject,
  type ListPage,
  type ListRequest,
  systemClock,
} from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import { z } from 'zod'

const configSchema = z.object({ baseUrl: z.string() })
type Config = z.output<typeof configSchema>

export interface Caller {
  readonly connector: HttpConnector<Config>
  readonly context: ConnectorContext<Config>
  list(request?: Partial<ListRequest>): Promise<ListPage>
}

const nothing = (): void => undefined
export const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

export interface CallerOptions {
  readonly baseUrl: string
  readonly stream?: Partial<Stream<Config>>
  readonly definition?: Partial<HttpConnectorDefinition<Config>>
  readonly context?: Partial<ConnectorContext<Config>>
  readonly values?: Readonly<Record<string, string>>
}

/** Calls one list command as the engine would, without one: what it throws is what the kit made of it. */
export function callerOf({ baseUrl, stream, definition, context, values }: CallerOptions): Caller {
  const connector = httpConnector<Config>({
    type: 'acme',
    displayName: 'Acme',
    configSchema,
    baseUrl: (config) => config.baseUrl,
    streams: {
      user: {
        request: { path: '/users' },
        record: { externalId: 'id', displayName: 'name' },
        ...stream,
      } as Stream<Config>,
    },
    ...definition,
  })
  const whole: ConnectorContext<Config> = {
    connectorId: 'c1',
    tenantId: 't1',
    config: { baseUrl },
    logger: silent,
    clock: systemClock,
    rateLimiter: memoryRateLimiter(),
    allowedNetworks: ['127.0.0.1'],
    ...(values && { credential: fixedCredential(values) }),
    ...context,
  }
  return {
    connector,
    context: whole,
    async list(request) {
      const answer = await connector.resourceTypes.user?.list(
        { command: 'listUsers', pageSize: 2, signal: new AbortController().signal, ...request },
        whole,
      )
      if (answer?.success !== true) throw new Error('no page')
      return answer.payload
    },
  }
}

/** The ids of a whole listing, page by page. */
export async function idsByPage(caller: Caller, request: Partial<ListRequest> = {}): Promise<string[][]> {
  const pages: string[][] = []
  for (let cursor: string | undefined; ; ) {
    const page = await caller.list({ ...request, cursor })
    pages.push(page.resources.map(({ externalId }) => externalId))
    if (page.nextCursor === undefined) return pages
    cursor = page.nextCursor
  }
}

function fixedCredential(values: Readonly<Record<string, string>>): CredentialAccess {
  const credential: Credential = {
    tenantId: 't1',
    ref: 'acme',
    version: 1,
    values,
    state: 'active',
    savedAt: new Date(0),
  }
  const get = async (): Promise<Credential> => credential
  return { get, getFresh: get, refresh: get, reload: get }
}

export const users = (count: number): JsonObject[] =>
  Array.from({ length: count }, (_, index) => ({ id: `u${index + 1}`, name: `Person ${index + 1}` }))
