import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { Match } from '../model/match.ts'
import type { MatchWrite, NewAction } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'
import { journalled, matchChanged, maxAttempts, requireMatch, undecided } from './match-row.ts'

/** What an operator decides, checked. */
export interface Resolution {
  readonly action: 'link' | 'skip'
  readonly userId?: string | undefined
  readonly notes?: string | undefined
  readonly resolvedBy: string
}

const schema = z
  .object({
    action: z.enum(['link', 'skip', 'create']),
    userId: z.string().min(1).optional(),
    notes: z.string().max(10_000).optional(),
    resolvedBy: z.string().min(1).max(255),
  })
  .refine(({ action, userId }) => action !== 'link' || userId !== undefined, 'link needs a userId')

/** @throws RESOLUTION_INVALID */
export function requireResolution(value: object): void {
  const parsed = schema.safeParse(value)
  if (parsed.success) return
  const facts = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(': '))
  throw new SyncError('RESOLUTION_INVALID', facts.join('; '))
}

/** @throws USER_NOT_FOUND, also for a user of another tenant */
export async function requireUser(users: TenantUsers, userId: string): Promise<void> {
  const found = await users.get([userId])
  if (found.some((user) => user.userId === userId)) return
  throw new SyncError('USER_NOT_FOUND', `There is no user ${userId}`, { details: { userId } })
}

/**
 * Links a row to a user or skips it, with its entry in the journal, in one transaction.
 * @throws MATCH_NOT_FOUND, MATCH_CHANGED, USER_NOT_FOUND
 */
export async function resolveMatch(
  context: PeopleContext,
  request: Resolution & { readonly connectorId: string; readonly matchId: string },
): Promise<Match> {
  if (request.action === 'link') await requireUser(context.users, request.userId ?? '')
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const match = await requireMatch(context.people, request)
    if (match.matchStatus === 'create_pending') {
      throw matchChanged(match.matchId, 'waits for a user that is being made')
    }
    if (isResolvedSo(match, request)) return match
    const change = resolvedRow(context, match, request)
    const { kind } = await context.people.commit({
      scope: { connectorId: match.connectorId, resourceType: match.resourceType },
      tenantId: context.tenantId,
      matches: [change.write],
      actions: [change.action],
      settled: [],
      jobs: [],
    })
    if (kind === 'committed') return requireMatch(context.people, request)
  }
  throw matchChanged(request.matchId, 'was changed by others again and again')
}

/** Whether a row is as the resolution wants it, whoever decided it. */
export const isResolvedSo = (match: Match, { action, userId, notes }: Resolution): boolean =>
  (action === 'skip'
    ? match.matchStatus === 'skipped'
    : match.matchStatus === 'manual_override' && match.userId === userId) &&
  (notes === undefined || match.resolutionNotes === notes)

export function resolvedRow(
  { createId }: PeopleContext,
  match: Match,
  { action, userId, notes, resolvedBy }: Resolution,
): { readonly write: MatchWrite; readonly action: NewAction } {
  const isLink = action === 'link'
  const write: MatchWrite = {
    ...undecided(match),
    matchStatus: isLink ? 'manual_override' : 'skipped',
    // An operator is sure; a skipped row matches nobody.
    matchConfidence: isLink ? 'exact' : 'none',
    ...(isLink && { userId }),
    ...(notes !== undefined && { resolutionNotes: notes }),
    resolvedBy,
    resolvedAt: 'now',
  }
  return {
    write,
    action: {
      actionId: createId(),
      kind: action,
      status: 'done',
      externalId: match.externalId,
      connectorResourceId: match.connectorResourceId,
      ...(isLink && { userId }),
      by: resolvedBy,
      reason: notes ?? 'Resolved by an operator',
      before: journalled(match),
      after: journalled(write),
    },
  }
}
