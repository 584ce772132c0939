import type { Credential, CredentialValues } from '../model/credential.ts'

/**
 * Trades the current values for new ones at upstream's token endpoint. Answers the values that changed; those it
 * does not name stay. Must throw CREDENTIAL_REJECTED when upstream says that this credential will never work again
 * (`invalid_grant`, `invalid_client`), and anything else when it could not find out. An `expiresAt` that is no instant of
 * the years 1 to 9999 counts as absent: the values are stored whatever upstream says about them.
 */
export type CredentialExchange = (current: Credential, signal: AbortSignal) => Promise<CredentialValues>

/**
 * A connector's own credential. Everything read here is known to the redactor of the run: it is struck from logs,
 * errors and events.
 */
export interface CredentialAccess {
  /**
   * The credential, at most five minutes old, whether or not it has expired.
   * @throws CREDENTIAL_NOT_FOUND, CREDENTIAL_REAUTH_REQUIRED, CREDENTIAL_UNREADABLE
   */
  get(): Promise<Credential>
  /**
   * The credential, refreshed first when it has expired or is about to; an `expiresAt` that is absent counts as
   * fresh. While the run goes on, a timer refreshes it ahead of its expiry, so that no page waits for it.
   * @throws what `refresh` throws
   */
  getFresh(exchange: CredentialExchange): Promise<Credential>
  /**
   * Replaces a version that upstream refused or that has expired. One process at a time does the exchange; everyone
   * else waits for its outcome. Where the version was replaced already, that answer comes at once.
   * @throws CREDENTIAL_NOT_FOUND, CREDENTIAL_REAUTH_REQUIRED, CREDENTIAL_UNREADABLE; what `exchange` threw otherwise
   */
  refresh(staleVersion: number, exchange: CredentialExchange): Promise<Credential>
  /**
   * Reads past the cache, for a credential that cannot be refreshed and that upstream has refused (401): someone may
   * have saved a new one. The same version back means that upstream refused what is stored.
   * @throws what `get` throws
   */
  reload(): Promise<Credential>
}
