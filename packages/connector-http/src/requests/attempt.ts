import { SyncError } from '@syncline/core'
import { authCall } from '../auth/auth-call.ts'
import type { AuthenticatedRequest } from '../auth/authenticator.ts'
import { enterLimits } from '../limits/rate-policy.ts'
import { exchange, type WireResponse } from '../transport/exchange.ts'
import { type ClientParts, limitedCall } from './client-parts.ts'
import type { HttpRequest, WireRequest } from './http-request.ts'
import { type ReadResponse, readResponse } from './read-response.ts'
import { addedParameters, type SecretParameters } from './secret-parameters.ts'
import { nameOf, sameOrigin, wireRequest } from './wire-request.ts'

export interface Attempt extends ReadResponse {
  /** For messages. */
  readonly request: string
  /** Of the credential it was made with. */
  readonly version: number | undefined
}

const maxRedirects = 3

/** Sends a request, and follows redirects within the origin; secrets are never sent to another. */
export async function attempt<Config>(parts: ClientParts<Config>, request: HttpRequest): Promise<Attempt> {
  let target = wireRequest(request, { url: parts.baseUrl, headers: parts.headers })
  let secrets: SecretParameters = []
  for (let hops = 0; ; hops++) {
    const { answer, authenticated } = await sendInTurn(parts, request, target)
    const sent = authenticated?.request ?? target
    secrets = [...secrets, ...addedParameters(target.url, sent.url)]
    const name = nameOf(target)
    if (answer.status < 300 || answer.status > 399 || answer.status === 304) {
      const read = await readResponse(answer, { decode: request.decode, url: target.url, secrets, name })
      return { ...read, request: name, version: authenticated?.version }
    }
    const next = redirectTarget(target, answer)
    if (!next || hops === maxRedirects) throw badRedirect(name, answer.status)
    target = { ...target, url: next }
  }
}

/**
 * Sends a request when the rate limits let it. What proves who asks comes first: a token is asked for within the same
 * limits, and who held a place while waiting for one might keep it from coming.
 */
async function sendInTurn<Config>(
  parts: ClientParts<Config>,
  request: HttpRequest,
  target: WireRequest,
): Promise<{ readonly answer: WireResponse; readonly authenticated: AuthenticatedRequest | undefined }> {
  const { authenticator, transport, signal } = parts
  const authenticate = async (): Promise<AuthenticatedRequest | undefined> =>
    authenticator?.authenticate(target, authCall(parts))
  const early = authenticator?.momentary ? undefined : await authenticate()
  const release = await enterLimits(limitedCall(parts), request)
  try {
    const authenticated = early ?? (await authenticate())
    const answer = await exchange(transport, authenticated?.request ?? target, signal)
    return { answer, authenticated }
  } finally {
    await release()
  }
}

/** Undefined when it cannot be followed. @throws UPSTREAM_REJECTED for another origin */
function redirectTarget(from: WireRequest, { status, headers }: WireResponse): URL | undefined {
  const location = headers.location?.[0]
  const keepsMethod = status === 307 || status === 308 || from.method === 'GET' || from.method === 'HEAD'
  if (location === undefined || status === 300 || !keepsMethod) return undefined
  return sameOrigin(location, from.url)
}

const badRedirect = (name: string, status: number): SyncError =>
  new SyncError('UPSTREAM_REJECTED', `${name} answered ${status}: a redirect that is not followed`, {
    details: { status, reason: 'redirect', failureType: 'config' },
  })
