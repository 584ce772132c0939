import { randomUUID } from 'node:crypto'
import type { Clock } from '@syncline/core'
import type { Dialect } from './dialect.ts'
import type { Reply, Seen } from './exchange.ts'

export const client = { clientId: 'syncline', clientSecret: 'a-client-secret-0451' }

/** Access tokens of an instance. */
export interface Tokens {
  /** OAuth 2 client credentials (RFC 6749, section 4.4). */
  readonly issue: (request: Seen, tenantId: string) => Reply
  /** The scopes of a request's token; undefined when it has none that holds. */
  readonly scopesOf: (request: Seen, tenantId: string) => readonly string[] | undefined
  /** None that was issued holds any more. */
  readonly revoke: () => void
  readonly issued: () => number
}

const lifeS = 3_600

export function createTokens(clock: Clock, dialect: Dialect): Tokens {
  const live = new Map<string, { tenantId: string; until: number; scopes: readonly string[] }>()
  let issued = 0
  return {
    issue(request, tenantId) {
      const form = new URLSearchParams(request.body)
      if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') {
        return { status: 400, body: { error: 'unsupported_grant_type' } }
      }
      if (!provesClient(request, form, dialect)) return { status: 401, body: { error: 'invalid_client' } }
      const scopes = form.get('scope')?.split(' ') ?? []
      if (scopes.some((scope) => !/^auth\.[a-z-]+\.(list|get)$/.test(scope))) {
        return { status: 400, body: { error: 'invalid_scope' } }
      }
      const token = `token-${randomUUID()}`
      issued += 1
      live.set(token, { tenantId, until: clock.now().getTime() + lifeS * 1_000, scopes })
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: lifeS } }
    },
    scopesOf({ headers }, tenantId) {
      const token = live.get(headers.authorization?.replace(/^Bearer /, '') ?? '')
      const holds = token && token.tenantId === tenantId && token.until > clock.now().getTime()
      return holds ? token.scopes : undefined
    },
    revoke: () => live.clear(),
    issued: () => issued,
  }
}

function provesClient({ headers }: Seen, form: URLSearchParams, { clientAuthentication }: Dialect): boolean {
  if (clientAuthentication === 'body') {
    return form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret
  }
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
  return headers.authorization === `Basic ${basic}`
}
