import { SyncError } from '@syncline/core'
import { type Path, readPath, showPath } from '../records/read-path.ts'
import type { ErrorRule } from '../replies/error-rule.ts'
import type { WireRequest } from '../requests/http-request.ts'
import type { HttpResponse } from '../requests/http-response.ts'
import type { Authenticator, TokenRequest } from './authenticator.ts'
import { expiryAfter } from './expiry.ts'
import { renewable } from './renewable.ts'
import { withHeader } from './secret.ts'

const refusedRule: ErrorRule = {
  status: 401,
  action: 'fail',
  code: 'CREDENTIAL_REJECTED',
  message: 'the login is refused',
}

export interface LoginSessionOptions {
  /** The request that signs in, with the credential's values; a POST unless it says otherwise. */
  readonly login: (values: Readonly<Record<string, string>>) => TokenRequest
  /** Where the session's token is in the answer. */
  readonly token: Path | ((response: HttpResponse) => string | undefined)
  /** How long a session lives, in milliseconds. @default until upstream refuses it */
  readonly lifetimeMs?: number | undefined
  /** How the token is sent. @default `Authorization: Bearer …` */
  readonly decorate?: ((request: WireRequest, token: string) => WireRequest) | undefined
}

/** Signs in first and sends the session's token, which is saved as the credential's value `sessionToken`. */
export function loginSession(options: LoginSessionOptions): Authenticator {
  const { login, token, lifetimeMs, decorate } = options
  const find = typeof token === 'function' ? token : ({ body }: HttpResponse) => readPath(body, token)
  return renewable({
    value: 'sessionToken',
    decorate: decorate ?? ((request, found) => withHeader(request, 'authorization', `Bearer ${found}`)),
    async renew({ values }, call, signal) {
      const now = call.clock.now().getTime()
      const request = login(values)
      const errorRules = [...(request.errorRules ?? []), refusedRule]
      const found = find(await call.ask({ method: 'POST', ...request, errorRules }, signal))
      if (typeof found !== 'string' || found === '') {
        const place = typeof token === 'function' ? 'where it should be' : `at ${showPath(token)}`
        throw new SyncError('CONNECTOR_ANSWER_INVALID', `The login answered no session token ${place}`)
      }
      return { values: { sessionToken: found }, expiresAt: expiryAfter(now, lifetimeMs) }
    },
  })
}
