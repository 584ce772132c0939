import { type ConnectorContext, SyncError } from '@syncline/core'
import type { AuthCall, Authenticator, TokenRequest } from '../auth/authenticator.ts'
import type { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import { enterLimits, type LimitedCall, type RatePolicy } from '../limits/rate-policy.ts'
import { defaultErrorRules } from '../replies/default-rules.ts'
import { type ErrorRule, findRule } from '../replies/error-rule.ts'
import { replyError } from '../replies/reply-error.ts'
import { exchange, type Transport } from '../transport/exchange.ts'
import type { HttpRequest, WireRequest } from './http-request.ts'
import type { HttpResponse } from './http-response.ts'
import { readResponse } from './read-response.ts'
import { nameOf, parseBaseUrl, sameOrigin, wireRequest } from './wire-request.ts'

/** Everything the requests of one call share. */
export interface ClientParts<Config> {
  readonly type: string
  readonly context: ConnectorContext<Config>
  readonly signal: AbortSignal
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly authenticator: Authenticator | undefined
  readonly policies: readonly RatePolicy<Config>[]
  readonly errorRules: readonly ErrorRule[]
  readonly breaker: CircuitBreaker
  readonly transport: Transport
}

/** Sends a request and judges its answer. @throws what the error rules make of it, and what `exchange` throws */
export type Send = (request: HttpRequest) => Promise<HttpResponse>

const maxRedirects = 3
/** A request may have to wait for a new token in between. */
const holdFactor = 2

/**
 * The client of one call. It never tries again after a failure, which is the engine's part, with one exception: after
 * a 401 the credential is renewed once.
 */
export function httpClient<Config>(parts: ClientParts<Config>): Send {
  const { type, context, signal, policies, transport } = parts
  const limited = { type, policies, context, signal, holdMs: transport.timeoutMs * holdFactor }
  const rules = (request: HttpRequest): readonly ErrorRule[] => [
    ...(request.errorRules ?? []),
    ...parts.errorRules,
    ...defaultErrorRules,
  ]
  return (request) =>
    parts.breaker.run(async () => {
      const first = await attempt(parts, limited, request)
      const rule = findRule(rules(request), first.response)
      if (rule?.action !== 'renew' || !(await renewed(parts, first.version))) {
        return judge(rule, { ...first, now: context.clock.now() })
      }
      const second = await attempt(parts, limited, request)
      return judge(findRule(rules(request), second.response), { ...second, now: context.clock.now() })
    })
}

interface Attempt {
  readonly response: HttpResponse
  /** For messages. */
  readonly request: string
  readonly version: number | undefined
}

/** Sends it, and follows redirects within the origin; secrets are never sent to another. */
async function attempt<Config>(
  parts: ClientParts<Config>,
  limited: LimitedCall<Config>,
  request: HttpRequest,
): Promise<Attempt> {
  const { authenticator } = parts
  let target = wireRequest(request, { url: parts.baseUrl, headers: parts.headers })
  for (let hops = 0; ; hops++) {
    const release = await enterLimits(limited, request)
    try {
      const signed = await authenticator?.authenticate(target, authCall(parts))
      const answer = await exchange(parts.transport, signed?.request ?? target, parts.signal)
      const name = nameOf(target)
      if (answer.status < 300 || answer.status > 399 || answer.status === 304) {
        const secretQuery = authenticator?.secretQuery ?? []
        const response = readResponse(answer, { decode: request.decode, url: target.url, secretQuery, name })
        return { response, request: name, version: signed?.version }
      }
      const next = redirectTarget(target, answer.status, answer.headers.location?.[0])
      if (!next || hops === maxRedirects) throw badRedirect(name, answer.status)
      target = next
    } finally {
      await release()
    }
  }
}

/** Undefined when it cannot be followed. @throws UPSTREAM_REJECTED for another origin */
function redirectTarget(
  from: WireRequest,
  status: number,
  location: string | undefined,
): WireRequest | undefined {
  const keepsMethod = status === 307 || status === 308 || from.method === 'GET' || from.method === 'HEAD'
  if (location === undefined || status === 300 || !keepsMethod) return undefined
  const url = sameOrigin(new URL(location, from.url).href, from.url)
  return { ...from, url }
}

const badRedirect = (name: string, status: number): SyncError =>
  new SyncError('UPSTREAM_REJECTED', `${name} answered ${status}: a redirect that is not followed`, {
    details: { status, reason: 'redirect', failureType: 'config' },
  })

function judge(
  rule: ErrorRule | undefined,
  reply: { readonly response: HttpResponse; readonly request: string; readonly now: Date },
): HttpResponse {
  const { action } = rule ?? { action: 'fail' as const }
  if (action === 'accept') return reply.response
  if (action === 'empty') return { ...reply.response, empty: true }
  throw replyError({ ...rule, action }, reply)
}

async function renewed<Config>(parts: ClientParts<Config>, version: number | undefined): Promise<boolean> {
  if (version === undefined) return false
  return (await parts.authenticator?.renew?.(version, authCall(parts))) ?? false
}

function authCall<Config>(parts: ClientParts<Config>): AuthCall {
  const { context, transport, baseUrl } = parts
  const ask = async (request: TokenRequest, signal: AbortSignal): Promise<HttpResponse> => {
    const { url, errorRules = [], ...rest } = request
    const target = parseBaseUrl(new URL(url, baseUrl).href)
    const wire = wireRequest({ ...rest, link: target.href }, { url: target.origin, headers: {} })
    const name = nameOf(wire)
    const answer = await exchange(transport, wire, signal)
    const response = readResponse(answer, { decode: undefined, url: target, secretQuery: [], name })
    const rule = findRule([...errorRules, ...defaultErrorRules], response)
    return judge(rule, { response, request: name, now: context.clock.now() })
  }
  return { credential: context.credential, clock: context.clock, ask }
}
