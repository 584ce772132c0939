import { changeStatuses } from '../lifecycle/change-statuses.ts'
import { createUsers } from '../lifecycle/create-users.ts'
import { afterCreate, settleCreates } from '../lifecycle/settle-creates.ts'
import type { MatchDecision } from '../matching/decide-matches.ts'
import type { SubjectResource } from '../model/match.ts'
import type { PlannedProfile } from '../model/post-sync-plan.ts'
import type { FieldChange } from '../model/profile.ts'
import type { NewAction, PeopleCommit, PeopleCommitted, PostSyncLease } from '../ports/people-store.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { PeopleContext } from './people-context.ts'
import type { PeopleEffects, StatusDecision, Tally } from './work.ts'

export interface DirectEffects {
  readonly context: PeopleContext
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
  return context.people.commit({ scope, lease, matches: [], actions: [], settled: [], jobs: [], ...parts })
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

async function carryOutCreates({ context, lease, tally, checkpoint }: DirectEffects): Promise<void> {
  const { people, users, profiles, batchSize } = context
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  let after = 0
  for (;;) {
    const open = await people.openActions({ scope, after, limit: batchSize })
    checkpoint()
    const actions = open.filter(({ kind, runId }) => kind === 'create' && runId === lease.runId)
    const outcomes = actions.length > 0 ? await createUsers(users, actions) : []
    await settleCreates({ people, profiles, scope, lease }, outcomes)
    for (const { user } of outcomes) countCreate(tally, user !== undefined)
    after = open.at(-1)?.position ?? after
    if (open.length < batchSize) return
  }
}

function countCreate({ stats }: Tally, created: boolean): void {
  stats.pending -= 1
  stats[created ? 'matched' : 'unmatched'] += 1
  stats[created ? 'created' : 'createFailed'] += 1
}

async function carryOutStatuses(direct: DirectEffects, decisions: readonly StatusDecision[]): Promise<void> {
  const { context, tally, checkpoint } = direct
  let actions = decisions.map((decision) => newStatusAction(direct, decision))
  const intended = await commit(direct, { actions })
  if (intended.kind === 'conflict') {
    // A resource came back, or another one leads to the user by now: the cause is gone.
    const gone = new Set(intended.externalIds)
    actions = actions.filter(({ externalId }) => !gone.has(externalId))
    if (actions.length === 0) return
    const again = await commit(direct, { actions })
    // Decided by the next post-sync, should it be again.
    if (again.kind === 'conflict') return
  }
  checkpoint()
  const settled = await changeStatuses(context.users, actions)
  await commit(direct, { settled })
  const done = new Set(settled.filter(({ status }) => status === 'done').map(({ actionId }) => actionId))
  for (const { actionId, kind } of actions) {
    if (done.has(actionId)) tally.stats[kind === 'deactivate' ? 'deactivated' : 'reactivated'] += 1
  }
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
  const profiles: ProfileStore | undefined = context.profiles
  if (!profiles) return []
  const written = new Set(
    await profiles.write(writes.map(({ userId, version, changes }) => ({ userId, version, changes }))),
  )
  tally.stats.profilesUpdated += written.size
  return writes.map(({ userId }) => userId).filter((userId) => !written.has(userId))
}
