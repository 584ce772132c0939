import type { WireRequest } from '../requests/http-request.ts'
import type { Authenticator } from './authenticator.ts'
import { readSecrets, reloadSecret, type Secret, withHeader } from './secret.ts'

/** A secret that is sent as it stands. After a 401 the stored credential is read again, past the cache. */
function fixed(
  secrets: readonly Secret[],
  decorate: (request: WireRequest, values: readonly string[]) => WireRequest,
): Authenticator {
  return {
    async authenticate(request, call) {
      const { values, version } = await readSecrets(secrets, call)
      return { request: decorate(request, values), version }
    },
    renew: reloadSecret,
  }
}

/**
 * A key in a header, such as `Authorization: SSWS …`, or in the query.
 * @param options `key` @default the credential's value `apiKey`; `prefix` stands before it in the header
 */
export function apiKey(
  options: { readonly key?: Secret | undefined } & (
    | { readonly header: string; readonly prefix?: string | undefined }
    | { readonly query: string }
  ),
): Authenticator {
  const secrets = [options.key ?? 'apiKey']
  if ('header' in options) {
    const { header, prefix = '' } = options
    return fixed(secrets, (request, [key = '']) => withHeader(request, header, prefix + key))
  }
  return fixed(secrets, (request, [key = '']) => {
    const url = new URL(request.url)
    url.searchParams.set(options.query, key)
    return { ...request, url }
  })
}

/** `Authorization: Bearer …`. @param options `token` @default the credential's value `token` */
export function bearer(options: { readonly token?: Secret | undefined } = {}): Authenticator {
  return apiKey({ header: 'authorization', prefix: 'Bearer ', key: options.token ?? 'token' })
}

/** RFC 7617, in UTF-8. @param options @default the credential's values `username` and `password` */
export function basic(
  options: { readonly username?: Secret | undefined; readonly password?: Secret | undefined } = {},
): Authenticator {
  const { username = 'username', password = 'password' } = options
  return fixed([username, password], (request, [name = '', secret = '']) =>
    withHeader(request, 'authorization', basicHeader(name, secret)),
  )
}

export const basicHeader = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
