import {
  type ConfigSchema,
  type ConnectorContext,
  type ConnectorType,
  defineConnector,
  type GetAnswer,
  type GetRequest,
  type ResourceTypeDefinition,
  type WebhookRequest,
  type WebhookVerdict,
} from '@syncline/core'
import type { Authenticator } from './auth/authenticator.ts'
import type { CircuitBreakerOptions, CircuitState } from './breaker/circuit-breaker.ts'
import { createCircuits } from './breaker/circuits.ts'
import type { RatePolicy } from './limits/rate-policy.ts'
import type { ErrorRule } from './replies/error-rule.ts'
import { httpClient } from './requests/http-client.ts'
import type { HttpRequest } from './requests/http-request.ts'
import { type Setting, settle } from './setting.ts'
import { getRecord } from './streams/get-record.ts'
import { listStream } from './streams/list-stream.ts'
import type { FunctionStream, HttpCall, Stream } from './streams/stream.ts'
import { createAgents } from './transport/agents.ts'
import type { Lookup } from './transport/guarded-agent.ts'

/** The facts of a vendor's API. */
export interface HttpConnectorDefinition<Config> {
  /** `[a-z][a-z0-9_-]{0,63}` */
  readonly type: string
  readonly displayName: string
  readonly configSchema: ConfigSchema<Config>
  /** http or https; paths go below it, and no request leaves its origin. */
  readonly baseUrl: Setting<Config, string>
  /** @default none: upstream wants no credential */
  readonly authenticator?: Setting<Config, Authenticator> | undefined
  /** Sent with every request, such as the API's version. */
  readonly headers?: Setting<Config, Readonly<Record<string, string>>> | undefined
  /** All must hold. @default none */
  readonly rateLimits?: Setting<Config, readonly RatePolicy<Config>[]> | undefined
  /** What answers mean, asked in order before `defaultErrorRules`. */
  readonly errorRules?: readonly ErrorRule[] | undefined
  readonly circuitBreaker?: CircuitBreakerOptions | undefined
  /** One request, from the first byte sent to the last received. @default 30_000 */
  readonly timeoutMs?: Setting<Config, number> | undefined
  /** The longest answer, unpacked. @default 10_485_760 (10 MiB) */
  readonly maxBodyBytes?: Setting<Config, number> | undefined
  /** Keyed by resource type. */
  readonly streams: Readonly<Record<string, Stream<Config>>>
  /** Tests address and credential: a request that must succeed, or a function. */
  readonly check?: HttpRequest | ((call: HttpCall<Config>) => Promise<void>) | undefined
  /** Verifies webhooks by the vendor's own scheme; see `signedBody`. @default the Standard Webhooks scheme */
  readonly verifyWebhook?:
    | ((
        request: WebhookRequest,
        context: ConnectorContext<Config>,
      ) => WebhookVerdict | Promise<WebhookVerdict>)
    | undefined
  /** Finds addresses. @default the system's; for tests */
  readonly lookup?: Lookup | undefined
}

/** A connector type that shows how its upstreams do. */
export interface HttpConnector<Config> extends ConnectorType<Config> {
  /** The circuit of one connector in this process. */
  circuit(connector: Pick<ConnectorContext<unknown>, 'tenantId' | 'connectorId'>): CircuitState
}

/**
 * Makes a connector type of the facts of a vendor's API.
 * @throws CONNECTOR_TYPE_INVALID
 */
export function httpConnector<Config>(
  // The schema alone says what the config is: parts that do not read it would say "anything".
  definition: Pick<HttpConnectorDefinition<Config>, 'configSchema'> &
    NoInfer<HttpConnectorDefinition<Config>>,
): HttpConnector<Config> {
  const circuits = createCircuits(definition.circuitBreaker)
  const agents = createAgents(definition.lookup)
  const open = (context: ConnectorContext<Config>, signal: AbortSignal): HttpCall<Config> => {
    const { config, clock } = context
    const {
      type,
      authenticator,
      headers,
      rateLimits,
      timeoutMs = 30_000,
      maxBodyBytes = 10_485_760,
    } = definition
    const send = httpClient({
      type,
      context,
      signal,
      baseUrl: settle(definition.baseUrl, config),
      headers: settle(headers ?? {}, config),
      authenticator: authenticator && settle(authenticator, config),
      policies: settle(rateLimits ?? [], config),
      errorRules: definition.errorRules ?? [],
      breaker: circuits.of(context),
      transport: {
        agent: agents.for(context.allowedNetworks),
        clock,
        timeoutMs: settle(timeoutMs, config),
        maxBodyBytes: settle(maxBodyBytes, config),
      },
    })
    return { config, context, signal, send }
  }
  const { check, verifyWebhook } = definition
  const connector = defineConnector<Config>({
    type: definition.type,
    displayName: definition.displayName,
    configSchema: definition.configSchema,
    resourceTypes: Object.fromEntries(
      Object.entries(definition.streams).map(([type, stream]) => [type, resourceType(stream, open)]),
    ),
    ...(check && {
      async check(context) {
        const call = open(context, new AbortController().signal)
        await (typeof check === 'function' ? check(call) : call.send(check))
      },
    }),
    ...(verifyWebhook && { verifyWebhook }),
  })
  return { ...connector, circuit: (of) => circuits.stateOf(of) }
}

type OpenCall<Config> = (context: ConnectorContext<Config>, signal: AbortSignal) => HttpCall<Config>

function resourceType<Config>(
  stream: Stream<Config>,
  open: OpenCall<Config>,
): ResourceTypeDefinition<Config> {
  const { command, coverage, groupIds, memberIds } = stream
  const get = getter(stream)
  return {
    command,
    coverage,
    groupIds,
    memberIds,
    incremental: 'list' in stream ? stream.incremental : stream.incremental !== undefined,
    list(request, context) {
      const call = { ...open(context, request.signal), request }
      return 'list' in stream ? stream.list(call) : listStream(stream, call)
    },
    ...(get && {
      async get({ externalId, signal }: GetRequest, context: ConnectorContext<Config>): Promise<GetAnswer> {
        const record = await get(externalId, open(context, signal))
        return { success: true, payload: record ?? null }
      },
    }),
  }
}

function getter<Config>(stream: Stream<Config>): FunctionStream<Config>['get'] {
  if ('list' in stream) return stream.get
  const { get } = stream
  return get && ((externalId, call) => getRecord(stream, get, { externalId, call }))
}
