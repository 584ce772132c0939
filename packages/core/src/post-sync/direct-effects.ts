import { SyncError } from '../errors.ts'
import { changeStatuses } from '../lifecycle/change-statuses.ts'
import { afterCreate } from '../lifecycle/create-action.ts'
import { createUsers } from '../lifecycle/create-users.ts'
import { type CreateOutcome, type CreateSettling, settleCreates } from '../lifecycle/settle-creates.ts'
import { decideMatches, type MatchDecision } from '../matching/decide-matches.ts'
import type { MatchStatus, SubjectResource } from '../model/match.ts'
import type { PlannedProfile } from '../model/post-sync-plan.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { FieldChange } from '../model/profile.ts'
import type { NewAction, PeopleCommit, PeopleCommitted, PostSyncLease } from '../ports/people-store.ts'
import type { PeopleContext } from './people-context.ts'
import type { TenantProfiles } from './tenant-ports.ts'
import { matchCounters, type PeopleEffects, type StatusDecision, type Tally } from './work.ts'

export interface DirectEffects {
  readonly context: PeopleContext
  readonly settings: PostSyncSettings
  readonly lease: PostSyncLease
  readonly tally: Tally
  readonly firstProfile: (resource: SubjectResource) => readonly FieldChange[]
  /** Who has this done: `post-sync`, or who approved the plan. */
  readonly by: string
  readonly ignoresGuard: boolean
  readonly checkpoint: () => void
}

/**
 * Carries decisions out. Whatever touches a user goes in three steps: the intent is recorded, the directory is asked
 * under the id of the action, and what came of it is recorded. A process that dies between leaves an open action.
 */
export function directEffects(direct: DirectEffects): PeopleEffects {
  return {
    ignoresGuard: direct.ignoresGuard,
    matches: (decisions) => writeMatches(direct, decisions),
    creates: () => carryOutCreates(direct),
    statuses: (decisions) => carryOutStatuses(direct, decisions),
    profiles: (writes) => writeProfiles(direct, writes),
  }
}

function commit({ context, lease }: DirectEffects, parts: Partial<PeopleCommit>): Promise<PeopleCommitted> {
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  const { people, tenantId } = context
  return people.commit({ scope, tenantId, lease, matches: [], actions: [], settled: [], jobs: [], ...parts })
}

async function writeMatches(direct: DirectEffects, decisions: readonly MatchDecision[]): Promise<boolean> {
  const matches = decisions.flatMap(({ write }) => write ?? [])
  const actions = decisions.flatMap(({ write, resource }) =>
    write?.matchStatus === 'create_pending' ? newCreate(direct, resource) : [],
  )
  const { kind } = await commit(direct, { matches, actions })
  return kind === 'committed'
}

const newCreate = (
  { context, lease, by, firstProfile }: DirectEffects,
  resource: SubjectResource,
): NewAction => ({
  actionId: context.createId(),
  kind: 'create',
  status: 'intended',
  externalId: resource.externalId,
  connectorResourceId: resource.resourceId,
  by,
  reason: 'Nobody was found, and createUsers is on',
  runId: lease.runId,
  before: {},
  after: afterCreate({
    email: resource.email ?? '',
    displayName: resource.displayName,
    profile: firstProfile(resource),
  }),
})

async function carryOutCreates(direct: DirectEffects): Promise<readonly string[]> {
  const { context, settings, lease, tally, checkpoint } = direct
  const { people, users, batchSize } = context
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  const decide: CreateSettling['decide'] = (subjects) => decideMatches(users, settings, subjects)
  const lost = new Set<string>()
  let after = 0
  for (;;) {
    const open = await people.openActions({ scope, after, limit: batchSize })
    checkpoint()
    const actions = open.filter(({ kind, runId }) => kind === 'create' && runId === lease.runId)
    const outcomes = actions.length > 0 ? await createUsers(users, actions) : []
    // An e-mail may be given up as fast as it was taken: once more is enough, what is taken again is not given up.
    const retry: CreateSettling['retry'] = (resource) =>
      lost.has(resource.externalId) ? undefined : newCreate(direct, resource)
    const statuses = await settleCreates({ context, scope, lease, decide, retry }, outcomes)
    for (const outcome of outcomes) countCreate(tally, outcome, statuses)
    for (const { action, emailTaken } of outcomes) lost[emailTaken ? 'add' : 'delete'](action.externalId)
    after = open.at(-1)?.position ?? after
    const isRetried = [...statuses.values()].includes('create_pending')
    if (open.length < batchSize && !isRetried) return [...lost]
  }
}

function countCreate(
  { stats }: Tally,
  { action, user }: CreateOutcome,
  statuses: ReadonlyMap<string, MatchStatus>,
): void {
  const status = statuses.get(action.externalId) ?? (user ? 'matched' : 'unmatched')
  if (status === 'create_pending') return
  stats.pending -= 1
  stats[user ? 'created' : 'createFailed'] += 1
  stats[matchCounters[status]] += 1
}

async function carryOutStatuses(direct: DirectEffects, decisions: readonly StatusDecision[]): Promise<void> {
  const { context, tally, checkpoint } = direct
  const actions = await recordIntents(
    direct,
    decisions.map((decision) => newStatusAction(direct, decision)),
  )
  if (actions.length === 0) return
  checkpoint()
  const settled = await changeStatuses(context.users, actions)
  await commit(direct, { settled })
  const done = new Set(settled.filter(({ status }) => status === 'done').map(({ actionId }) => actionId))
  for (const { actionId, kind } of actions) {
    if (done.has(actionId)) tally.stats[kind === 'deactivate' ? 'deactivated' : 'reactivated'] += 1
  }
}

/** Records those whose cause is still there. The others lost it: a resource came back, or another leads to the user. */
async function recordIntents(
  direct: DirectEffects,
  decided: readonly NewAction[],
): Promise<readonly NewAction[]> {
  let actions = decided
  while (actions.length > 0) {
    const intended = await commit(direct, { actions })
    if (intended.kind === 'committed') return actions
    const gone = new Set(intended.externalIds)
    const left = actions.filter(({ externalId }) => !gone.has(externalId))
    if (left.length === actions.length) {
      throw new SyncError('STORE_FAILED', 'The store refused deactivations and named none of their resources')
    }
    actions = left
  }
  return actions
}

const newStatusAction = (
  { context, lease, by }: DirectEffects,
  { kind, planned, connectorResourceId, staleSince, resources }: StatusDecision,
): NewAction => ({
  actionId: context.createId(),
  kind,
  status: 'intended',
  externalId: planned.externalId,
  userId: planned.userId,
  connectorResourceId,
  ...(staleSince && { staleSince }),
  by,
  reason: planned.reason,
  runId: lease.runId,
  before: { status: planned.from, ...(resources && { resources: [...resources] }) },
  after: { status: kind === 'deactivate' ? 'deactivated' : 'active' },
})

async function writeProfiles(
  { context, tally }: DirectEffects,
  writes: readonly PlannedProfile[],
): Promise<readonly string[]> {
  const profiles: TenantProfiles | undefined = context.profiles
  if (!profiles) return []
  const written = new Set(
    await profiles.write(writes.map(({ userId, version, changes }) => ({ userId, version, changes }))),
  )
  tally.stats.profilesUpdated += written.size
  return writes.map(({ userId }) => userId).filter((userId) => !written.has(userId))
}
