import type { Credential, CredentialId, CredentialSummary, CredentialValues } from '../model/credential.ts'

/** What asking for the right to refresh a version came to. */
export type RefreshClaim =
  /** The caller may exchange it until its lease ends. `unfinished`: earlier claims of this version that never ended. */
  | { readonly kind: 'claimed'; readonly credential: Credential; readonly unfinished: number }
  /** Someone else is at it. */
  | { readonly kind: 'held' }
  /** It is another version by now, or marked `reauth_required`: this one. */
  | { readonly kind: 'settled'; readonly credential: Credential }
  | { readonly kind: 'missing' }

/** The right to exchange one version, for a time. */
export interface RefreshHolder {
  readonly id: CredentialId
  readonly version: number
  /** Unique for the attempt. */
  readonly holder: string
}

/**
 * Where secrets are kept, and the only place. Every method is atomic: when it throws, nothing was written, unless
 * the answer of a commit was lost, and then repeating it is safe. The lock of a refresh is a lease in store time, not
 * an open transaction: it holds between processes, is given up by a dead one when it ends, and blocks nothing else.
 * @throws STORE_UNAVAILABLE, STORE_FAILED from any method; CREDENTIAL_UNREADABLE from those that answer values
 */
export interface CredentialStore {
  read(id: CredentialId): Promise<Credential | undefined>
  /** Without secrets, ordered by tenant, then reference, by code point. Needs no key. */
  list(query: {
    readonly tenantId?: string | undefined
    readonly ref?: string | undefined
  }): Promise<readonly CredentialSummary[]>
  /** Inserts or replaces, as a new version in state `active`; a claim under way is void. Repeating it makes one more version. */
  put(id: CredentialId, input: CredentialValues): Promise<CredentialSummary>
  /** False when there is none. */
  remove(id: CredentialId): Promise<boolean>
  /**
   * Claims the refresh of exactly this version for `leaseMs`, unless a live claim is held. Of any number of callers in
   * any number of processes one gets it. The claim is written before it is answered, so that a process that dies with
   * new values in hand leaves a trace: it counts as `unfinished` for whoever claims the version next.
   */
  claimRefresh(request: RefreshHolder & { readonly leaseMs: number }): Promise<RefreshClaim>
  /**
   * Saves what the exchange gave as a new version in state `active`, if the credential still has the claimed
   * version, also after the lease ended or it was marked `reauth_required`: new values are never thrown away while
   * they are the newest. Values that are not named stay. Undefined when the version is another one by now or gone.
   */
  completeRefresh(request: RefreshHolder & CredentialValues): Promise<Credential | undefined>
  /**
   * Ends a claim without new values, so that it does not count as unfinished; `reauth_required` marks the credential
   * as well. Does nothing when the claim is no longer the holder's. True when it did.
   */
  endRefresh(request: RefreshHolder & { readonly outcome: 'released' | 'reauth_required' }): Promise<boolean>
}
