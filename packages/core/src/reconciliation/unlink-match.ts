import type { Match } from '../model/match.ts'
import type { MatchWrite } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import { journalled, matchChanged, maxAttempts, requireMatch, undecided } from './match-row.ts'

/**
 * Takes the user and every trace of a resolution from a row, for the next post-sync to decide.
 * @throws MATCH_NOT_FOUND, MATCH_CHANGED
 */
export async function unlinkMatch(
  { people, createId, tenantId }: PeopleContext,
  request: { readonly connectorId: string; readonly matchId: string; readonly resolvedBy: string },
): Promise<Match> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const match = await requireMatch(people, request)
    if (match.matchStatus === 'create_pending') {
      throw matchChanged(match.matchId, 'waits for a user that is being made')
    }
    if (match.matchStatus === 'unmatched') return match
    const write: MatchWrite = { ...undecided(match), matchStatus: 'unmatched', matchConfidence: 'none' }
    const { kind } = await people.commit({
      scope: { connectorId: match.connectorId, resourceType: match.resourceType },
      tenantId,
      matches: [write],
      actions: [
        {
          actionId: createId(),
          kind: 'unlink',
          status: 'done',
          externalId: match.externalId,
          connectorResourceId: match.connectorResourceId,
          ...(match.userId !== undefined && { userId: match.userId }),
          by: request.resolvedBy,
          reason: 'Unlinked by an operator',
          before: journalled(match),
          after: journalled(write),
        },
      ],
      settled: [],
      jobs: [],
    })
    if (kind === 'committed') return requireMatch(people, request)
  }
  throw matchChanged(request.matchId, 'was changed by others again and again')
}
