import type { Authenticator } from './authenticator.ts'
import { askForToken, type OAuthOptions } from './oauth-token.ts'
import { renewable } from './renewable.ts'
import { requireValue, withHeader } from './secret.ts'

const value = 'accessToken'
const header = 'authorization'

/**
 * OAuth 2 client credentials (RFC 6749, section 4.4): the credential's values `clientId` and `clientSecret` are
 * traded for an access token, which is saved as its value `accessToken`.
 */
export function oauthClientCredentials(options: OAuthOptions): Authenticator {
  return renewable({
    value,
    decorate: (request, token) => withHeader(request, header, `Bearer ${token}`),
    renew: (credential, call, signal) =>
      askForToken(options, { grant: { grant_type: 'client_credentials' }, credential, call, signal }),
  })
}

/**
 * OAuth 2 refresh token (RFC 6749, section 6) with rotation: the credential's values `clientId`, `clientSecret` (where
 * the client has one) and `refreshToken` are traded for an access token; a new refresh token replaces the old one.
 */
export function oauthRefreshToken(options: OAuthOptions): Authenticator {
  return renewable({
    value,
    decorate: (request, token) => withHeader(request, header, `Bearer ${token}`),
    renew: (credential, call, signal) => {
      const grant = {
        grant_type: 'refresh_token',
        refresh_token: requireValue(credential, 'refreshToken'),
      }
      return askForToken(options, { grant, credential, call, signal })
    },
  })
}
