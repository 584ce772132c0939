import { SyncError } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { Match } from '../model/match.ts'
import type { MatchWrite, PeopleStore } from '../ports/people-store.ts'

/** How often a row is read and decided again because post-sync or another operator was faster. */
export const maxAttempts = 5

/** @throws MATCH_NOT_FOUND also for a row of another connector */
export async function requireMatch(
  people: PeopleStore,
  ref: { readonly connectorId: string; readonly matchId: string },
): Promise<Match> {
  const { connectorId, matchId } = ref
  const [match] = await people.matchesOf({ connectorId, matchIds: [matchId] })
  if (match) return match
  throw new SyncError('MATCH_NOT_FOUND', `Connector ${connectorId} has no match ${matchId}`, {
    details: { connectorId, matchId },
  })
}

export const matchChanged = (matchId: string, why: string): SyncError =>
  new SyncError('MATCH_CHANGED', `Match ${matchId} ${why}; try again`, { details: { matchId } })

/** The row without any decision. */
export function undecided(match: Match): Omit<MatchWrite, 'matchStatus' | 'matchConfidence'> {
  const { externalId, connectorResourceId, externalDisplayName, externalEmail, version } = match
  return {
    externalId,
    connectorResourceId,
    externalDisplayName,
    ...(externalEmail !== undefined && { externalEmail }),
    evidence: [],
    version,
  }
}

/** A row's decision as the journal keeps it. */
export function journalled(match: Pick<Match, 'matchStatus' | 'userId' | 'resolutionNotes'>): JsonObject {
  const { matchStatus, userId, resolutionNotes } = match
  return {
    matchStatus,
    ...(userId !== undefined && { userId }),
    ...(resolutionNotes !== undefined && { resolutionNotes }),
  }
}
