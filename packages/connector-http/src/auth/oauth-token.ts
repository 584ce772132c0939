import { type Credential, type CredentialValues, SyncError } from '@syncline/core'
import { z } from 'zod'
import type { AuthCall, TokenRequest } from './authenticator.ts'
import { expiryAfter } from './expiry.ts'
import { requireValue } from './secret.ts'
import { basicHeader } from './static-authenticators.ts'

/** How an OAuth 2 token endpoint is asked (RFC 6749). */
export interface OAuthOptions {
  /** Absolute, or below the origin of the base URL. */
  readonly tokenUrl: string
  /** @default none sent */
  readonly scope?: string | undefined
  /** More parameters, such as `audience`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** How the client proves itself: HTTP basic, or in the body. @default 'basic' */
  readonly clientAuthentication?: 'basic' | 'body' | undefined
}

/** A token as text; some servers send whole numbers. */
const tokenText = z.union([z.string().min(1), z.int().transform(String)])

const tokenSchema = z.object({
  access_token: tokenText,
  // Some send "3600". What is not a number of seconds is unknown: the token is worth more than its lifetime.
  expires_in: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\s{0,9}\d{1,15}(\.\d{1,9})?\s{0,9}$/)
        .transform(Number),
    ])
    .optional()
    .catch(undefined),
  refresh_token: tokenText.optional().catch(undefined),
})

interface GrantRequest {
  readonly grant: Readonly<Record<string, string>>
  readonly credential: Credential
  readonly call: AuthCall
}

/**
 * Asks for a token.
 * @throws CREDENTIAL_REJECTED, RATE_LIMITED, UPSTREAM_UNAVAILABLE, UPSTREAM_REJECTED, CONNECTOR_ANSWER_INVALID
 */
export async function askForToken(
  options: OAuthOptions,
  asked: GrantRequest & { readonly signal: AbortSignal },
): Promise<CredentialValues> {
  const { call, signal } = asked
  const before = call.clock.now().getTime()
  const response = await call.ask(tokenRequest(options, asked), signal)
  const parsed = tokenSchema.safeParse(response.body)
  if (!parsed.success) {
    throw new SyncError(
      'CONNECTOR_ANSWER_INVALID',
      'The response of the token endpoint has no access_token',
      { details: { failureType: 'system' } },
    )
  }
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = parsed.data
  return {
    values: { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) },
    expiresAt: expiryAfter(before, seconds === undefined ? undefined : seconds * 1_000),
  }
}

function tokenRequest(options: OAuthOptions, { grant, credential }: GrantRequest): TokenRequest {
  const { scope, parameters = {}, clientAuthentication = 'basic' } = options
  const clientId = requireValue(credential, 'clientId')
  // A public client has none.
  const { clientSecret } = credential.values
  const form = {
    ...grant,
    ...(scope === undefined ? {} : { scope: scope }),
    ...parameters,
  }
  const post = { url: options.tokenUrl, method: 'POST' }
  if (clientSecret && clientAuthentication === 'basic') {
    // Both are form-encoded first (RFC 6749, section 2.3.1).
    const header = basicHeader(encodeURIComponent(clientId), encodeURIComponent(clientSecret))
    return { ...post, form, headers: { authorization: header } }
  }
  const client = { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) }
  return { ...post, form: { ...form, ...client } }
}
