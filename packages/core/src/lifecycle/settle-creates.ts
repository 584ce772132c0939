import { SyncError } from '../errors.ts'
import { type MatchDecision, ownState } from '../matching/decide-matches.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { Match, MatchStatus, MatchSubject, SubjectResource } from '../model/match.ts'
import type { Scope } from '../model/scope.ts'
import type { MatchWrite, NewAction, PostSyncLease, SettledAction } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import type { TenantProfiles } from '../post-sync/tenant-ports.ts'
import { profileIn } from './create-action.ts'

/** What came of an action that was to make a user. */
export interface CreateOutcome {
  readonly action: LifecycleAction
  /** Absent: the e-mail is taken, or the action was never carried out. */
  readonly user?: LocalUser | undefined
  readonly emailTaken: boolean
}

export interface CreateSettling {
  readonly context: Pick<PeopleContext, 'people' | 'profiles' | 'tenantId'>
  readonly scope: Scope
  readonly lease: PostSyncLease | undefined
  /**
   * Decides again about resources whose e-mail another user has by now. Their rows are passed as undecided. A resource
   * that is left out becomes unmatched without a problem: it is decided when it returns.
   */
  readonly decide: (subjects: readonly MatchSubject[]) => Promise<readonly MatchDecision[]>
  /** The row as an operator decided it before: it becomes this again when its e-mail is taken. */
  readonly restored?: Match | undefined
  /** The action that tries again, for an e-mail that is free again; undefined: it was tried often enough. */
  readonly retry?: ((resource: SubjectResource) => NewAction | undefined) | undefined
}

const maxAttempts = 5

/**
 * Gives new users their first profile, links their match rows and settles their actions. Safe to repeat. A lost race
 * for an e-mail is not a decision: the row is decided again, and there is a user to match now.
 * @returns the status of each row that was written, by external id
 */
export async function settleCreates(
  settling: CreateSettling,
  outcomes: readonly CreateOutcome[],
): Promise<ReadonlyMap<string, MatchStatus>> {
  if (outcomes.length === 0) return new Map()
  const { context, scope, lease } = settling
  const { people, profiles, tenantId } = context
  await writeFirstProfiles(profiles, outcomes)
  const settled = outcomes.map(settlingOf)
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const rows = await rowsAfter(settling, outcomes)
    const matches = rows.map(({ write }) => write)
    const actions = rows.flatMap(({ action }) => action ?? [])
    const answer = await people.commit({ scope, tenantId, lease, matches, actions, settled, jobs: [] })
    if (answer.kind === 'committed') {
      return new Map(matches.map(({ externalId, matchStatus }) => [externalId, matchStatus]))
    }
  }
  throw new SyncError(
    'MATCH_CHANGED',
    'Match rows were changed by others again and again while users were made',
  )
}

function settlingOf({ action, user, emailTaken }: CreateOutcome): SettledAction {
  const { actionId } = action
  if (user)
    return { actionId, status: 'done', userId: user.userId, after: { ...action.after, status: user.status } }
  if (!emailTaken) return { actionId, status: 'abandoned' }
  return {
    actionId,
    status: 'failed',
    problem: { code: 'USER_EXISTS', message: 'Another user has this e-mail' },
  }
}

interface RowAfter {
  readonly write: MatchWrite
  /** Makes the user once more. */
  readonly action?: NewAction | undefined
}

/** Rows that still wait for their user, as they become. */
async function rowsAfter(
  { context, scope, decide, restored, retry }: CreateSettling,
  outcomes: readonly CreateOutcome[],
): Promise<readonly RowAfter[]> {
  const ids = outcomes.map(({ action }) => action.externalId)
  const subjects = await context.people.subjectsOf(scope, ids)
  const subjectById = new Map(subjects.map((subject) => [subject.externalId, subject]))
  const waiting = outcomes.flatMap((outcome) => {
    const subject = subjectById.get(outcome.action.externalId)
    // An operator may have decided otherwise meanwhile.
    return subject?.match?.matchStatus === 'create_pending'
      ? { outcome, subject, row: undecidedRow(subject.match) }
      : []
  })
  const lost = waiting.filter(({ outcome }) => outcome.emailTaken)
  const decided =
    lost.length > 0 ? await decide(lost.map(({ subject, row }) => ({ ...subject, match: row }))) : []
  const decisions = new Map(decided.map((decision) => [decision.resource.externalId, decision]))
  return waiting.map(({ outcome: { user, emailTaken }, subject, row }): RowAfter => {
    if (user) return { write: linkedRow(subject.match ?? row, user) }
    if (emailTaken && restored) return { write: { ...writeOf(restored), version: row.version } }
    const decision = decisions.get(row.externalId)
    if (decision?.matchStatus !== 'create_pending') return { write: decision?.write ?? writeOf(row) }
    const action = retry?.(decision.resource)
    if (action && decision.write) return { write: decision.write, action }
    return {
      write: { ...writeOf(row), problem: { code: 'USER_EXISTS', message: 'Another user has this e-mail' } },
    }
  })
}

/** The row as one that nothing was decided about. */
function undecidedRow(row: Match): Match {
  const { resolvedBy: _by, resolvedAt: _at, resolutionNotes: _notes, problem: _problem, ...rest } = row
  return { ...rest, matchStatus: 'unmatched', matchConfidence: 'none' }
}

/** The row as it is, as a write. */
function writeOf(row: Match): MatchWrite {
  const { externalId, connectorResourceId, externalDisplayName, externalEmail, version, resolvedAt } = row
  return {
    externalId,
    connectorResourceId,
    externalDisplayName,
    ...(externalEmail !== undefined && { externalEmail }),
    ...ownState(row),
    ...(resolvedAt && { resolvedAt }),
    version,
  }
}

const linkedRow = (row: Match, { userId }: LocalUser): MatchWrite => ({
  ...writeOf(row),
  userId,
  matchStatus: 'matched',
  matchConfidence: 'exact',
})

async function writeFirstProfiles(
  profiles: TenantProfiles | undefined,
  outcomes: readonly CreateOutcome[],
): Promise<void> {
  if (!profiles) return
  let open = new Map(
    outcomes.flatMap(({ action, user }) => {
      const changes = user ? profileIn(action.after) : []
      return user && changes.length > 0 ? [[user.userId, changes] as const] : []
    }),
  )
  for (let attempt = 1; open.size > 0 && attempt <= maxAttempts; attempt++) {
    const read = await profiles.read([...open.keys()])
    const writes = read.flatMap(({ userId, version, attributes }) => {
      // What is there was written after the user was made, or by this very action before a crash.
      const missing = (open.get(userId) ?? []).filter(({ field }) => !Object.hasOwn(attributes, field))
      return missing.length > 0 ? { userId, version, changes: missing } : []
    })
    const written = writes.length > 0 ? new Set(await profiles.write(writes)) : new Set()
    const late = new Set(writes.map(({ userId }) => userId).filter((userId) => !written.has(userId)))
    open = new Map([...open].filter(([userId]) => late.has(userId)))
  }
  if (open.size > 0) {
    throw new SyncError(
      'PROFILE_STORE_FAILED',
      'The profiles of new users were changed by others again and again',
    )
  }
}
