/** A request that its sender may send again: what makes it the same one. */
export interface KeyedRequest {
  readonly connectorId: string
  /** Whose key it is: two principals may choose the same. */
  readonly principalId: string
  /** The sender's; 1 to 255 characters. */
  readonly key: string
}

/** The right to carry a keyed request out, for a while. */
export interface RequestClaim extends KeyedRequest {
  /** Grows with every claim of the request. */
  readonly claim: number
  /** Of the request: one of the same key, after its connector was removed and made again, has another. */
  readonly effectId: string
}

export type ClaimedRequest =
  /** It is the caller's now: nobody else has it, or whoever had it is dead. */
  | { readonly kind: 'claimed'; readonly claim: number; readonly effectId: string }
  /** Another attempt is being carried out. */
  | { readonly kind: 'busy'; readonly effectId: string }
  | { readonly kind: 'answered'; readonly answer: string }
  /** The key came before with another request. */
  | { readonly kind: 'reused' }

/**
 * Requests that carry a key, and what they were answered, for every process. Goes with its connector. All times are
 * the store's own.
 */
export interface KeyedRequestStore {
  /**
   * Claims a request for `leaseMs`; atomic: of any number of callers one gets it. The first claim keeps `fingerprint`
   * and `effectId`; every later one is answered the `effectId` that is kept, and `reused` for another fingerprint.
   * @throws CONNECTOR_NOT_FOUND
   */
  claim(
    request: KeyedRequest & {
      /** Digest of all that makes the request what it is. */
      readonly fingerprint: string
      /** Id under which its effect is made, once. */
      readonly effectId: string
      readonly leaseMs: number
    },
  ): Promise<ClaimedRequest>
  /** Keeps the answer for later attempts and ends the claim. False, and nothing written, when the claim was lost. */
  answer(claim: RequestClaim, answer: string): Promise<boolean>
  /** Ends the claim without an answer: the next attempt gets it at once. Does nothing when the claim was lost. */
  release(claim: RequestClaim): Promise<void>
  /** Forgets up to `limit` requests first claimed longer than `olderThanMs` ago, oldest first; answers how many. */
  prune(request: { readonly olderThanMs: number; readonly limit: number }): Promise<number>
}
