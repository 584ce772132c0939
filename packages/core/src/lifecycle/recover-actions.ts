import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { PostSyncLease, SettledAction } from '../ports/people-store.ts'
import type { PeopleContext } from '../post-sync/people-context.ts'
import { changeStatuses } from './change-statuses.ts'
import { settleCreates } from './settle-creates.ts'

/** An operator's action is at most this old while its process lives. */
const operatorMs = 300_000

/**
 * Settles what dead processes left: what they carried out is recorded, and what they did not is given up, to be
 * decided anew. Nothing is carried out here: the cause may be gone.
 */
export async function recoverActions(context: PeopleContext, lease: PostSyncLease): Promise<number> {
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  let [after, settled] = [0, 0]
  for (;;) {
    const open = await context.people.openActions({ scope, after, limit: context.batchSize })
    const dead = open.filter(({ runId, ageMs }) => runId !== undefined || ageMs > operatorMs)
    await settleCreatesOf(
      context,
      lease,
      dead.filter(({ kind }) => kind === 'create'),
    )
    await settleStatusesOf(
      context,
      lease,
      dead.filter(({ kind }) => kind !== 'create'),
    )
    settled += dead.length
    after = open.at(-1)?.position ?? after
    if (open.length < context.batchSize) return settled
  }
}

async function settleCreatesOf(
  context: PeopleContext,
  lease: PostSyncLease,
  actions: readonly LifecycleAction[],
): Promise<void> {
  if (actions.length === 0) return
  const made = await context.users.createdBy(actions.map(({ actionId }) => actionId))
  const userBy = new Map(made.map(({ actionId, user }) => [actionId, user]))
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  await settleCreates(
    { context, scope, lease, decide: async () => [] },
    actions.map((action) => ({ action, user: userBy.get(action.actionId), emailTaken: false })),
  )
}

/**
 * Who is not as an action wants them was not reached by it. Who is so may have been changed by somebody else: the
 * directory knows its actions, and is asked again only where there is nothing left to carry out.
 */
async function settleStatusesOf(
  { people, users, tenantId }: PeopleContext,
  lease: PostSyncLease,
  actions: readonly LifecycleAction[],
): Promise<void> {
  if (actions.length === 0) return
  const found = await users.get([...new Set(actions.flatMap(({ userId }) => userId ?? []))])
  const statusOf = new Map(found.map(({ userId, status }) => [userId, status]))
  const isReached = (action: LifecycleAction): boolean => {
    const { kind, userId } = action
    // The connector was moved since: its user belongs to another tenant.
    if (action.tenantId !== tenantId) return false
    const status = statusOf.get(userId ?? '')
    return status !== undefined && (status === 'deactivated') === (kind === 'deactivate')
  }
  const reached = actions.filter(isReached)
  const settled = [
    ...(reached.length > 0 ? await changeStatuses(users, reached) : []),
    ...actions
      .filter((action) => !isReached(action))
      .map(({ actionId }): SettledAction => ({ actionId, status: 'abandoned' })),
  ]
  const scope = { connectorId: lease.connectorId, resourceType: lease.resourceType }
  await people.commit({ scope, tenantId, lease, matches: [], actions: [], settled, jobs: [] })
}
