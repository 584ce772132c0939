import type { LocalUser } from '../model/local-user.ts'
import type {
  Match,
  MatchState,
  MatchStatus,
  MatchStrategy,
  MatchSubject,
  SubjectResource,
} from '../model/match.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { MatchWrite } from '../ports/people-store.ts'
import type { UserKey } from '../ports/user-directory.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'
import { compileResourceKey, strategyChain } from './match-keys.ts'
import {
  countingUsers,
  isDecisive,
  isUntouchable,
  type MatchAttempt,
  matchResource,
  maxCandidates,
} from './match-resource.ts'
import { emailKey } from './match-text.ts'
import { sameRow } from './same-row.ts'

/** What becomes of one live resource. */
export interface MatchDecision {
  readonly resource: SubjectResource
  readonly previous: Match | undefined
  readonly matchStatus: MatchStatus
  /** Absent: the row stays as it is. */
  readonly write?: MatchWrite | undefined
}

interface Case {
  readonly resource: SubjectResource
  readonly previous: Match | undefined
  readonly attempts: MatchAttempt[]
}

/**
 * Decides about a slice of live resources: one look-up for each strategy, for those that the ones before did not
 * decide. A look-up that fails fails all of it, so nobody is taken for unknown.
 */
export async function decideMatches(
  users: TenantUsers,
  settings: PostSyncSettings,
  subjects: readonly MatchSubject[],
): Promise<readonly MatchDecision[]> {
  const cases = subjects.flatMap(({ resource, match: previous }): Case | [] =>
    resource === undefined || resource.staleSince !== undefined ? [] : { resource, previous, attempts: [] },
  )
  const open = cases.filter(({ previous }) => !previous || !isUntouchable(previous.matchStatus))
  const undecided = await tryChain(users, settings, open)
  const known = await readKnownUsers(users, new Set([...undecided, ...open.filter(mayBeMadeFor)]))
  const states = new Map(open.map((one) => [one, stateOf(one, known)]))
  const taken = settings.createUsers ? await takenEmails(users, states) : new Set<string>()
  return cases.map((one) => {
    const { resource, previous } = one
    const state = states.get(one)
    // Not matching's to change.
    if (!state) return { resource, previous, matchStatus: previous?.matchStatus ?? 'unmatched' }
    return toDecision(resource, previous, settings.createUsers ? withCreation(resource, state, taken) : state)
  })
}

/** Tries strategy after strategy; answers the cases that none decided. */
async function tryChain(
  users: TenantUsers,
  settings: PostSyncSettings,
  cases: readonly Case[],
): Promise<readonly Case[]> {
  let open = cases
  for (const strategy of strategyChain(settings)) {
    if (open.length === 0) break
    const keyOf = compileResourceKey(strategy, settings.issuerSourcePath)
    const keys = open.map(({ resource }) => keyOf(resource))
    const found = await lookUp(users, strategy, keys)
    open = open.filter(({ attempts }, place) => {
      const attempt = { strategy, key: keys[place], hits: found[place] ?? [] }
      attempts.push(attempt)
      return !isDecisive(attempt)
    })
  }
  return open
}

/** Whether the row may hold the user that was made for its resource. */
const mayBeMadeFor = ({ previous }: Case): boolean =>
  previous?.userId !== undefined && previous.matchStrategy === undefined

const formerUserId = ({ previous }: Case): string | undefined => previous?.userId ?? previous?.problem?.userId

/** Users of the rows so far: they tell whether a link that no strategy makes any more leads somewhere. */
async function readKnownUsers(
  users: TenantUsers,
  cases: ReadonlySet<Case>,
): Promise<ReadonlyMap<string, LocalUser>> {
  const ids = new Set([...cases].flatMap((one) => formerUserId(one) ?? []))
  if (ids.size === 0) return new Map()
  return new Map((await users.get([...ids])).map((user) => [user.userId, user]))
}

/** Users for each key, in the order of the keys; a key that several resources have is asked for once. */
async function lookUp(
  users: TenantUsers,
  strategy: MatchStrategy,
  keys: readonly (UserKey | undefined)[],
): Promise<readonly (readonly LocalUser[])[]> {
  const places = new Map<string, { readonly key: UserKey; readonly hits: LocalUser[] }>()
  const named = keys.map((key) => {
    if (!key) return undefined
    const name = key.issuer === undefined ? key.value : JSON.stringify([key.value, key.issuer])
    if (!places.has(name)) places.set(name, { key, hits: [] })
    return name
  })
  const distinct = [...places.values()]
  if (distinct.length === 0) return keys.map(() => [])
  const hits = await users.findByKeys({
    strategy,
    keys: distinct.map(({ key }) => key),
    perKey: maxCandidates,
  })
  for (const { key, user } of hits) distinct[key]?.hits.push(user)
  return named.map((name) => (name === undefined ? [] : (places.get(name)?.hits ?? [])))
}

function stateOf(one: Case, known: ReadonlyMap<string, LocalUser>): MatchState {
  const { attempts, previous } = one
  const linked = previous?.userId === undefined ? undefined : known.get(previous.userId)
  const state = matchResource({ attempts, previous, linked })
  if (!state) throw new Error('A row that is not to be touched was decided')
  if (state === previous) return ownState(previous)
  const lost = state.matchStatus === 'unmatched' ? known.get(formerUserId(one) ?? '') : undefined
  if (!lost) return state
  return {
    ...state,
    problem: {
      code: 'USER_LINK_LOST',
      message: 'No strategy finds the user it was linked to any more, and the user is still there',
      userId: lost.userId,
    },
  }
}

/** Folded e-mails, of those that are to get a user, that somebody has. */
async function takenEmails(
  users: TenantUsers,
  states: ReadonlyMap<Case, MatchState>,
): Promise<ReadonlySet<string>> {
  const emails = new Set<string>()
  for (const [{ resource, attempts }, state] of states) {
    const email = emailKey(resource.email)
    const isKnownFree = attempts.some(({ strategy }) => strategy === 'email')
    if (email !== undefined && !isKnownFree && wantsUser(state)) emails.add(email)
  }
  if (emails.size === 0) return emails
  const keys = [...emails].map((value) => ({ value }))
  const found = await lookUp(users, 'email', keys)
  return new Set(
    keys.flatMap((key, place) =>
      countingUsers({ strategy: 'email', key, hits: found[place] ?? [] }).length > 0 ? key.value : [],
    ),
  )
}

const wantsUser = ({ matchStatus, problem }: MatchState): boolean =>
  matchStatus === 'unmatched' && problem === undefined

function withCreation(resource: SubjectResource, state: MatchState, taken: ReadonlySet<string>): MatchState {
  const email = emailKey(resource.email)
  if (email === undefined || !wantsUser(state)) return state
  if (taken.has(email)) {
    return { ...state, problem: { code: 'USER_EXISTS', message: 'Another user has this e-mail' } }
  }
  return { ...state, matchStatus: 'create_pending' }
}

function toDecision(
  resource: SubjectResource,
  previous: Match | undefined,
  state: MatchState,
): MatchDecision {
  const { matchStatus } = state
  const write: MatchWrite = {
    externalId: resource.externalId,
    connectorResourceId: resource.resourceId,
    externalDisplayName: resource.displayName,
    ...(resource.email !== null && { externalEmail: resource.email }),
    ...state,
    ...(state.resolvedBy !== undefined && { resolvedAt: previous?.resolvedAt }),
    version: previous?.version ?? 0,
  }
  return previous && sameRow(previous, write)
    ? { resource, previous, matchStatus }
    : { resource, previous, matchStatus, write }
}

/** What a strategy or an operator decided, without the row around it. */
export function ownState(match: MatchState): MatchState {
  const { userId, matchStatus, matchConfidence, matchStrategy, candidateUserIds, evidence, problem } = match
  const { resolutionNotes, resolvedBy } = match
  return {
    matchStatus,
    matchConfidence,
    evidence,
    ...(userId !== undefined && { userId }),
    ...(matchStrategy !== undefined && { matchStrategy }),
    ...(candidateUserIds !== undefined && { candidateUserIds }),
    ...(problem !== undefined && { problem }),
    ...(resolutionNotes !== undefined && { resolutionNotes }),
    ...(resolvedBy !== undefined && { resolvedBy }),
  }
}
