import { SyncError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { Match } from '../model/match.ts'
import type { FieldChange } from '../model/profile.ts'
import type { Scope } from '../model/scope.ts'
import type { MatchWrite, PeopleStore, PostSyncLease, SettledAction } from '../ports/people-store.ts'
import type { ProfileStore } from '../ports/profile-store.ts'

/** What came of an action that was to make a user. */
export interface CreateOutcome {
  readonly action: LifecycleAction
  /** Absent: the e-mail is taken, or the action was never carried out. */
  readonly user?: LocalUser | undefined
  readonly emailTaken: boolean
}

export interface CreateSettling {
  readonly people: PeopleStore
  readonly profiles: ProfileStore | undefined
  readonly scope: Scope
  readonly lease: PostSyncLease | undefined
}

const maxAttempts = 5

/** Gives new users their first profile, links their match rows and settles their actions. Safe to repeat. */
export async function settleCreates(
  { people, profiles, scope, lease }: CreateSettling,
  outcomes: readonly CreateOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return
  await writeFirstProfiles(profiles, outcomes)
  const settled = outcomes.map(settlingOf)
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const subjects = await people.subjectsOf(
      scope,
      outcomes.map(({ action }) => action.externalId),
    )
    const rows = new Map(subjects.map(({ externalId, match }) => [externalId, match]))
    const matches = outcomes.flatMap((outcome) => {
      const row = rows.get(outcome.action.externalId)
      // An operator may have decided otherwise meanwhile.
      return row?.matchStatus === 'create_pending' ? rowAfter(row, outcome) : []
    })
    const answer = await people.commit({ scope, lease, matches, actions: [], settled, jobs: [] })
    if (answer.kind === 'committed') return
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

function rowAfter(row: Match, { user, emailTaken }: CreateOutcome): MatchWrite {
  const { externalId, connectorResourceId, externalDisplayName, externalEmail, evidence, version } = row
  const { resolvedBy, resolutionNotes, resolvedAt } = row
  const kept = { externalId, connectorResourceId, externalDisplayName, evidence, version }
  const base = { ...kept, ...(externalEmail !== undefined && { externalEmail }) }
  if (!user) {
    return {
      ...base,
      matchStatus: 'unmatched',
      matchConfidence: 'none',
      ...(emailTaken && {
        problem: { code: 'USER_EXISTS' as const, message: 'Another user has this e-mail' },
      }),
    }
  }
  return {
    ...base,
    userId: user.userId,
    matchStatus: 'matched',
    matchConfidence: 'exact',
    ...(resolvedBy !== undefined && { resolvedBy }),
    ...(resolutionNotes !== undefined && { resolutionNotes }),
    ...(resolvedAt && { resolvedAt }),
  }
}

async function writeFirstProfiles(
  profiles: ProfileStore | undefined,
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

/** The journal's `after` of an action that makes a user. */
export const afterCreate = (user: {
  readonly email: string
  readonly displayName: string
  readonly profile: readonly FieldChange[]
}): JsonObject => ({
  email: user.email,
  displayName: user.displayName,
  profile: user.profile.map(({ field, to, source }) => ({
    field,
    to: to ?? null,
    source: { ...sourceOf(source) },
  })),
})

const sourceOf = ({ connectorId, resourceType, sourcePath }: FieldChange['source']): JsonObject => ({
  source: 'connector',
  connectorId,
  resourceType,
  ...(sourcePath !== undefined && { sourcePath }),
})

/** Reads what `afterCreate` wrote. */
function profileIn({ profile }: JsonObject): readonly FieldChange[] {
  if (!Array.isArray(profile)) return []
  return profile.flatMap((change): FieldChange | [] => {
    if (!isObject(change) || typeof change.field !== 'string' || !isObject(change.source)) return []
    const { connectorId, resourceType, sourcePath } = change.source
    if (typeof connectorId !== 'string' || typeof resourceType !== 'string') return []
    return {
      field: change.field,
      to: change.to,
      source: {
        source: 'connector',
        connectorId,
        resourceType,
        ...(typeof sourcePath === 'string' && { sourcePath }),
      },
    }
  })
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Texts of an action that makes a user. */
export function userIn({ after }: LifecycleAction): { readonly email: string; readonly displayName: string } {
  const { email, displayName } = after
  return {
    email: typeof email === 'string' ? email : '',
    displayName: typeof displayName === 'string' ? displayName : '',
  }
}
