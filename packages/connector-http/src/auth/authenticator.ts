import type { Clock, CredentialAccess } from '@syncline/core'
import type { ErrorRule } from '../replies/error-rule.ts'
import type { WireRequest } from '../requests/http-request.ts'
import type { HttpResponse } from '../requests/http-response.ts'

/** What an authenticator may use. */
export interface AuthCall {
  /** Present when the connector has a `credentialRef`. */
  readonly credential: CredentialAccess | undefined
  readonly clock: Clock
  /**
   * Asks a token or login endpoint: with the connector's transport and address rules, but without its authenticator,
   * redirects and error rules. At the origin of the base URL it counts against the connector's rate limits.
   * @throws CREDENTIAL_REJECTED for `invalid_grant`, `invalid_client` and `unauthorized_client` (RFC 6749, section
   * 5.2); RATE_LIMITED; else what the request's and the default error rules say
   */
  ask(request: TokenRequest, signal: AbortSignal): Promise<HttpResponse>
}

/** A request for a token or session. */
export interface TokenRequest {
  /** Absolute, or below the origin of the base URL. It may be on another origin: the secrets are sent there. */
  readonly url: string
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly form?: Readonly<Record<string, string>> | undefined
  readonly json?: unknown
  /** Asked before the default rules. */
  readonly errorRules?: readonly ErrorRule[] | undefined
}

/** A request that proves who asks. */
export interface AuthenticatedRequest {
  readonly request: WireRequest
  /** The credential's version it was made with; absent where it came from the config. */
  readonly version?: number | undefined
}

/**
 * Turns a credential into what upstream wants to see. Keeps nothing: what it learns is saved as the credential's new
 * version, so that all processes share it. What it writes into the query is struck from links before they become
 * cursors.
 */
export interface Authenticator {
  /** @throws what the credential's access throws */
  authenticate(request: WireRequest, call: AuthCall): Promise<AuthenticatedRequest>
  /**
   * Upstream refused that version (401).
   * @returns whether there is a newer one, with which the request is worth one more try
   */
  renew?(version: number, call: AuthCall): Promise<boolean>
  /**
   * What it writes holds for a moment only, such as a signature over the time: it is called after the wait for rate
   * limits instead of before, and must not ask upstream then.
   * @default false
   */
  readonly momentary?: boolean | undefined
}
