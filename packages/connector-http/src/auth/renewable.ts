import type { CredentialExchange, CredentialValues } from '@syncline/core'
import type { WireRequest } from '../requests/http-request.ts'
import type { AuthCall, Authenticator } from './authenticator.ts'
import { believable } from './expiry.ts'
import { requireCredential, requireValue } from './secret.ts'

/** What is got from upstream with the credential's other values, and sent instead of them. */
export interface RenewableDefinition {
  /** Name of the value that holds it: `accessToken`. */
  readonly value: string
  /**
   * Gets a new one. Follows the rules of `CredentialExchange`. An `expiresAt` that no store can hold, such as an invalid
   * date or the year 58858, is taken for unknown: the values are saved all the same.
   */
  readonly renew: (
    current: Parameters<CredentialExchange>[0],
    call: AuthCall,
    signal: AbortSignal,
  ) => Promise<CredentialValues>
  readonly decorate: (request: WireRequest, token: string) => WireRequest
}

/**
 * An authenticator whose token comes from upstream. One process at a time gets a new one, when there is none, when it
 * is about to expire, or when upstream refused it.
 */
export function renewable(definition: RenewableDefinition): Authenticator {
  const exchangeFor =
    (call: AuthCall): CredentialExchange =>
    async (current, signal) => {
      const renewed = await definition.renew(current, call, signal)
      return { ...renewed, expiresAt: believable(renewed.expiresAt) }
    }
  return {
    async authenticate(request, call) {
      const access = requireCredential(call)
      const fresh = await access.getFresh(exchangeFor(call))
      const credential = fresh.values[definition.value]
        ? fresh
        : await access.refresh(fresh.version, exchangeFor(call))
      const token = requireValue(credential, definition.value)
      return { request: definition.decorate(request, token), version: credential.version }
    },
    async renew(version, call) {
      const renewed = await requireCredential(call).refresh(version, exchangeFor(call))
      return renewed.version !== version
    },
  }
}
