import { isSyncError, SyncError } from '../errors.ts'
import type { KeyedRequest } from '../ports/keyed-request-store.ts'
import type { Store } from '../ports/store.ts'

/** A request with a key, and what it asks for. */
export interface FingerprintedRequest extends KeyedRequest {
  /** Digest of all that makes the request what it is. */
  readonly fingerprint: string
}

/** Requests that their senders may send again, in whichever process they arrive. */
export interface KeyedRequestsHandle {
  /**
   * The id under which the effect of a request is to be made: the same for every attempt. For effects that are kept
   * under their id, such as a run.
   * @throws IDEMPOTENCY_KEY_REUSED, CONNECTOR_NOT_FOUND
   */
  effectId(request: FingerprintedRequest): Promise<string>
  /**
   * Does the work once and answers what it answered, also to later attempts. Work that throws is done again by the
   * next attempt; so is work whose process died, a minute later: it must be safe to repeat.
   * @throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_IN_USE, CONNECTOR_NOT_FOUND, what the work throws
   */
  once(request: FingerprintedRequest, work: () => Promise<string>): Promise<string>
}

const leaseMs = 60_000
const retryAfterMs = 1_000

export function keyedRequestsHandle(
  { requests }: Pick<Store, 'requests'>,
  createId: () => string,
): KeyedRequestsHandle {
  return {
    async effectId(given) {
      const request = requestOf(given)
      // Held by nobody: attempts at once make the same effect.
      const claimed = await requests.claim({ ...request, effectId: createId(), leaseMs: 0 })
      if (claimed.kind === 'claimed' || claimed.kind === 'busy') return claimed.effectId
      throw reused()
    },
    async once(given, work) {
      const request = requestOf(given)
      const claimed = await requests.claim({ ...request, effectId: createId(), leaseMs })
      if (claimed.kind === 'answered') return claimed.answer
      if (claimed.kind === 'reused') throw reused()
      if (claimed.kind === 'busy') {
        throw new SyncError('IDEMPOTENCY_KEY_IN_USE', 'Another attempt with this key is under way', {
          retryAfterMs,
        })
      }
      const claim = { ...request, claim: claimed.claim, effectId: claimed.effectId }
      const answer = await orRelease(work, () => requests.release(claim))
      await requests.answer(claim, answer)
      return answer
    },
  }
}

const reused = (): SyncError =>
  new SyncError('IDEMPOTENCY_KEY_REUSED', 'This key came with another request; take a new one')

async function orRelease(work: () => Promise<string>, release: () => Promise<void>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    // Nobody knows what came of a write whose answer was lost: the next attempt waits for the claim to end.
    if (!isSyncError(error, 'STORE_UNAVAILABLE')) await release()
    throw error
  }
}

const requestOf = ({ connectorId, principalId, key, fingerprint }: FingerprintedRequest) => ({
  connectorId,
  principalId,
  key,
  fingerprint,
})
