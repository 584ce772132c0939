import type { KeyedRequest, KeyedRequestStore, RequestClaim } from '../ports/keyed-request-store.ts'
import { type MemoryState, requireConnectorData } from './memory-state.ts'

/** Requests with a key, kept with their connector. */
export function memoryKeyedRequestStore(state: MemoryState): KeyedRequestStore {
  const held = (claim: RequestClaim) => {
    const kept = state.connectors.get(claim.connectorId)?.requests.get(nameOf(claim))
    const holds = kept?.claim === claim.claim && kept.effectId === claim.effectId
    return holds && kept.answer === undefined ? kept : undefined
  }
  return {
    async claim(request) {
      const { requests } = requireConnectorData(state, request.connectorId)
      const { fingerprint, effectId, leaseMs } = request
      const name = nameOf(request)
      const now = state.now()
      const kept = requests.get(name)
      if (!kept) {
        requests.set(name, { fingerprint, effectId, claim: 1, claimedUntil: now + leaseMs, createdAt: now })
        return { kind: 'claimed', claim: 1, effectId }
      }
      if (kept.fingerprint !== fingerprint) return { kind: 'reused' }
      if (kept.answer !== undefined) return { kind: 'answered', answer: kept.answer }
      if (kept.claimedUntil > now) return { kind: 'busy', effectId: kept.effectId }
      kept.claim += 1
      kept.claimedUntil = now + leaseMs
      return { kind: 'claimed', claim: kept.claim, effectId: kept.effectId }
    },
    async answer(claim, answer) {
      const kept = held(claim)
      if (kept) kept.answer = answer
      return kept !== undefined
    },
    async release(claim) {
      const kept = held(claim)
      if (kept) kept.claimedUntil = 0
    },
    async prune({ olderThanMs, limit }) {
      const before = state.now() - olderThanMs
      const old = [...state.connectors.values()]
        .flatMap(({ requests }) =>
          [...requests].map(([name, { createdAt }]) => ({ requests, name, createdAt })),
        )
        .filter(({ createdAt }) => createdAt < before)
        .toSorted((left, right) => left.createdAt - right.createdAt)
        .slice(0, limit)
      for (const { requests, name } of old) requests.delete(name)
      return old.length
    },
  }
}

/** Fields, so that no two requests share a name. */
const nameOf = ({ principalId, key }: KeyedRequest): string => JSON.stringify([principalId, key])
