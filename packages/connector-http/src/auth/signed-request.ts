import type { WireRequest } from '../requests/http-request.ts'
import type { Authenticator } from './authenticator.ts'
import { reloadSecret, requireCredential } from './secret.ts'

/**
 * For vendors that want each request signed: the function is given the request as it goes over the wire, and answers
 * it with its signature.
 */
export function signedRequest(
  sign: (
    request: WireRequest,
    facts: { readonly values: Readonly<Record<string, string>>; readonly now: Date },
  ) => WireRequest | Promise<WireRequest>,
): Authenticator {
  return {
    async authenticate(request, call) {
      const { values, version } = await requireCredential(call).get()
      const facts = { values, now: call.clock.now() }
      return { request: await sign(request, facts), version }
    },
    renew: reloadSecret,
    momentary: true,
  }
}
