import { SyncError } from '../errors.ts'
import { afterCreate } from '../lifecycle/create-action.ts'
import { createUsers } from '../lifecycle/create-users.ts'
import { settleCreates } from '../lifecycle/settle-creates.ts'
import { decideMatches } from '../matching/decide-matches.ts'
import { userKey } from '../matching/match-keys.ts'
import { isUntouchable } from '../matching/match-resource.ts'
import { emailKey } from '../matching/match-text.ts'
import type { Match, SubjectResource } from '../model/match.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { FieldChange } from '../model/profile.ts'
import type { NewAction } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import { matchChanged, requireMatch, undecided } from './match-row.ts'

export interface CreateRequest {
  readonly connectorId: string
  readonly matchId: string
  readonly notes?: string | undefined
  readonly resolvedBy: string
  /** Settings of the scope. */
  readonly settings: PostSyncSettings
  /** What the profile begins with. */
  readonly firstProfile: (resource: SubjectResource) => readonly FieldChange[]
}

/**
 * Makes an unconfirmed user with the row's e-mail and links it. The intent is recorded first, so that a process that
 * dies leaves an action that the next post-sync settles.
 * @throws MATCH_NOT_FOUND, MATCH_CHANGED, MATCH_EMAIL_MISSING, USER_EXISTS
 */
export async function createForMatch(context: PeopleContext, request: CreateRequest): Promise<Match> {
  const { people, users, tenantId } = context
  const match = await requireMatch(people, request)
  const { connectorId, resourceType, externalId, matchStatus, matchId } = match
  const scope = { connectorId, resourceType }
  if (matchStatus === 'create_pending') throw matchChanged(matchId, 'waits for a user that is being made')
  // Made by this very decision before.
  if (matchStatus === 'matched' && match.matchStrategy === undefined && match.resolvedBy !== undefined)
    return match
  const action = await newAction(context, match, request)
  const intended = await people.commit({
    scope,
    tenantId,
    matches: [
      {
        ...undecided(match),
        matchStatus: 'create_pending',
        matchConfidence: 'none',
        ...(request.notes !== undefined && { resolutionNotes: request.notes }),
        resolvedBy: request.resolvedBy,
        resolvedAt: 'now',
      },
    ],
    actions: [action],
    settled: [],
    jobs: [],
  })
  if (intended.kind === 'conflict') throw matchChanged(matchId, 'was changed meanwhile')
  const recorded = await people.action(action.actionId)
  if (!recorded) throw matchChanged(matchId, `of ${externalId} has no action any more`)
  const outcomes = await createUsers(users, [recorded])
  await settleCreates(
    {
      context,
      scope,
      lease: undefined,
      decide: (subjects) => decideMatches(users, { ...request.settings, createUsers: false }, subjects),
      restored: isUntouchable(matchStatus) ? match : undefined,
    },
    outcomes,
  )
  if (outcomes.some(({ emailTaken }) => emailTaken)) throw userExists(match)
  return requireMatch(people, request)
}

async function newAction(context: PeopleContext, match: Match, request: CreateRequest): Promise<NewAction> {
  const { externalId, resourceType, connectorId, externalEmail, connectorResourceId } = match
  const value = emailKey(externalEmail ?? null)
  if (externalEmail === undefined || value === undefined) {
    throw new SyncError('MATCH_EMAIL_MISSING', `Resource "${externalId}" has no e-mail to make a user with`, {
      details: { matchId: match.matchId },
    })
  }
  const hits = await context.users.findByKeys({ strategy: 'email', keys: [{ value }], perKey: 10 })
  if (hits.some(({ user }) => userKey('email', user)?.value === value)) throw userExists(match)
  const [subject] = await context.people.subjectsOf({ connectorId, resourceType }, [externalId])
  const resource = subject?.resource
  return {
    actionId: context.createId(),
    kind: 'create',
    status: 'intended',
    externalId,
    connectorResourceId,
    by: request.resolvedBy,
    reason: request.notes ?? 'Asked for by an operator',
    before: {},
    after: afterCreate({
      email: externalEmail,
      displayName: match.externalDisplayName,
      profile: resource ? request.firstProfile(resource) : [],
    }),
  }
}

const userExists = ({ matchId, externalEmail }: Match): SyncError =>
  new SyncError('USER_EXISTS', `Another user has the e-mail ${externalEmail}`, { details: { matchId } })
