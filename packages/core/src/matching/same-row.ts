import { canonicalJson } from '../hashing/canonical-json.ts'
import type { Match, MatchEvidence, MatchState } from '../model/match.ts'
import type { MatchWrite } from '../ports/people-store.ts'
import { sameKey } from './match-keys.ts'

type Content = MatchState & Pick<Match, 'connectorResourceId' | 'externalDisplayName' | 'externalEmail'>

/** Field by field, all that a write may change: the compiler sees to it. Texts are made only of what few rows have. */
const comparisons: { readonly [Field in keyof Content]-?: (row: Content, write: Content) => boolean } = {
  matchStatus: (row, write) => row.matchStatus === write.matchStatus,
  userId: (row, write) => row.userId === write.userId,
  matchConfidence: (row, write) => row.matchConfidence === write.matchConfidence,
  matchStrategy: (row, write) => row.matchStrategy === write.matchStrategy,
  connectorResourceId: (row, write) => row.connectorResourceId === write.connectorResourceId,
  externalDisplayName: (row, write) => row.externalDisplayName === write.externalDisplayName,
  externalEmail: (row, write) => row.externalEmail === write.externalEmail,
  evidence: (row, write) =>
    row.evidence.length === write.evidence.length &&
    row.evidence.every((attempt, place) => sameAttempt(attempt, write.evidence[place])),
  candidateUserIds: (row, write) => sameJson(row.candidateUserIds, write.candidateUserIds),
  problem: (row, write) => sameJson(row.problem, write.problem),
  resolutionNotes: (row, write) => row.resolutionNotes === write.resolutionNotes,
  resolvedBy: (row, write) => row.resolvedBy === write.resolvedBy,
}

const sameAttempt = (one: MatchEvidence, other: MatchEvidence | undefined): boolean =>
  one.strategy === other?.strategy &&
  one.hits === other.hits &&
  (one.key === other.key || sameKey(one.key, other.key))

const sameJson = (one: object | undefined, other: object | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other))

const isSame = Object.values(comparisons)

/** Whether a row already says what would be written. */
export const sameRow = (row: Match, write: MatchWrite): boolean =>
  isSame.every((compare) => compare(row, write))
