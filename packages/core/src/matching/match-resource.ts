import type { LocalUser } from '../model/local-user.ts'
import type { MatchCandidate, MatchEvidence, MatchState, MatchStatus, MatchStrategy } from '../model/match.ts'
import type { UserKey } from '../ports/user-directory.ts'
import { sameKey, userKey } from './match-keys.ts'

/** The most users that are counted and kept for one resource. */
export const maxCandidates = 10

/** What looking a resource up by one strategy gave. */
export interface MatchAttempt {
  readonly strategy: MatchStrategy
  /** Absent: the resource has nothing to be looked up by. */
  readonly key: UserKey | undefined
  /** Whom the directory answered for this key, in any order. */
  readonly hits: readonly LocalUser[]
}

export interface MatchCase {
  /** In the order of the chain, as far as it had to be tried: up to the first that is decisive, or all. */
  readonly attempts: readonly MatchAttempt[]
  /** What stands in the match row so far. */
  readonly previous?: MatchState | undefined
  /** The user of the match row as it is now; absent when there is none, or not any more. */
  readonly linked?: LocalUser | undefined
}

const untouchable: ReadonlySet<MatchStatus> = new Set(['manual_override', 'skipped', 'create_pending'])

/** Whether a row is not matching's to change: an operator decided it, or is about to. */
export const isUntouchable = (status: MatchStatus): boolean => untouchable.has(status)

/**
 * The users that count: those whose own key, folded here, is the one that was looked up; each once. A deactivated
 * user counts only where nobody else does: then the person is known, and must not be made a second time.
 */
export function countingUsers({ strategy, key, hits }: MatchAttempt): readonly LocalUser[] {
  // What nearly all are.
  if (hits.length === 0) return hits
  const equal = hits.filter((user) => sameKey(key, userKey(strategy, user)))
  if (equal.length < 2) return equal
  const distinct = [...new Map(equal.map((user) => [user.userId, user])).values()]
  const inUse = distinct.filter(({ status }) => status !== 'deactivated')
  return inUse.length > 0 ? inUse : distinct
}

/** Whether no further strategy is to be tried. */
export const isDecisive = (attempt: MatchAttempt): boolean => countingUsers(attempt).length > 0

/**
 * Decides about one resource. Nobody found: the next strategy decides; one user: matched, `exact` by the primary
 * strategy and `probable` by another; several: ambiguous, whatever further strategies would say. A link that no
 * strategy made, to a user who was made for the resource, stays while the user exists: it says more than an address.
 * @returns undefined for a row that is not matching's to change
 */
export function matchResource({ attempts, previous, linked }: MatchCase): MatchState | undefined {
  if (previous && isUntouchable(previous.matchStatus)) return undefined
  if (previous && linked && isMadeFor(previous, linked)) return previous
  const evidence: MatchEvidence[] = []
  for (const [place, attempt] of attempts.entries()) {
    const { strategy, key } = attempt
    const users = countingUsers(attempt)
    const hits = Math.min(users.length, maxCandidates)
    evidence.push(key ? { strategy, key, hits } : { strategy, hits })
    const [user, ...others] = users
    if (user === undefined) continue
    if (others.length > 0) return ambiguous(strategy, users, evidence)
    const confidence = place === 0 ? 'exact' : 'probable'
    return {
      userId: user.userId,
      matchStatus: 'matched',
      matchConfidence: confidence,
      matchStrategy: strategy,
      evidence,
    }
  }
  return { matchStatus: 'unmatched', matchConfidence: 'none', evidence }
}

const isMadeFor = (previous: MatchState, user: LocalUser): boolean =>
  previous.matchStatus === 'matched' &&
  previous.matchStrategy === undefined &&
  previous.userId === user.userId

function ambiguous(
  strategy: MatchStrategy,
  users: readonly LocalUser[],
  evidence: readonly MatchEvidence[],
): MatchState {
  const candidateUserIds = users
    .toSorted((one, other) => (one.userId < other.userId ? -1 : 1))
    .slice(0, maxCandidates)
    .map(
      ({ userId, email }): MatchCandidate => ({
        userId,
        ...(email !== undefined && { email }),
        confidence: 'ambiguous',
        reason: strategy,
      }),
    )
  return {
    matchStatus: 'ambiguous',
    matchConfidence: 'ambiguous',
    matchStrategy: strategy,
    candidateUserIds,
    evidence,
  }
}
