import { compareCodePoints } from '../memory/compare-code-points.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { MatchSubject, SubjectResource } from '../model/match.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'
import type { PostSyncWork, StatusDecision } from '../post-sync/work.ts'

/**
 * Step 3, the other way: users that post-sync deactivated and whose resource is back. Nobody else: whoever was
 * deactivated by an operator or in the host stays so.
 */
export async function reactivateUsers(work: PostSyncWork, users: TenantUsers): Promise<void> {
  for await (const slice of work.view.deactivations()) {
    work.checkpoint()
    const decided = await findReturners(work, users, slice)
    if (decided.length > 0) await work.effects.statuses(decided)
  }
}

async function findReturners(
  { view, scope }: PostSyncWork,
  users: TenantUsers,
  slice: readonly LifecycleAction[],
): Promise<readonly StatusDecision[]> {
  const ours = slice.filter(({ runId, undoes }) => runId !== undefined && undoes === undefined)
  if (ours.length === 0) return []
  const ids = ours.flatMap(({ userId }) => userId ?? [])
  const [found, links] = await Promise.all([users.get(ids), view.links(ids)])
  const deactivated = new Map(
    found.filter(({ status }) => status === 'deactivated').map((user) => [user.userId, user]),
  )
  const live = links.filter(
    (link) => link.live && link.connectorId === scope.connectorId && link.resourceType === scope.resourceType,
  )
  const subjects = await view.subjectsOf([...new Set(live.map(({ externalId }) => externalId))])
  const inOrder = subjects.toSorted((one, other) => compareCodePoints(one.externalId, other.externalId))
  const byUser = Map.groupBy(inOrder, ({ match }) => match?.userId)
  return ours.flatMap((action): StatusDecision | [] => {
    const user = deactivated.get(action.userId ?? '')
    const [back] = (user && byUser.get(user.userId)?.filter((subject) => isReturn(subject, action))) ?? []
    return user && back?.resource ? decisionOf(back.resource, user) : []
  })
}

/**
 * Whether a live resource is one that led to the user when they were deactivated. A resource that came later and
 * finds the same user may be somebody else, with an address that was given away again.
 */
function isReturn({ externalId, resource }: MatchSubject, action: LifecycleAction): boolean {
  if (!resource || resource.staleSince) return false
  const { resources } = action.before
  return externalId === action.externalId || (Array.isArray(resources) && resources.includes(externalId))
}

const decisionOf = ({ externalId, resourceId }: SubjectResource, user: LocalUser): StatusDecision => ({
  kind: 'reactivate',
  planned: {
    externalId,
    userId: user.userId,
    ...(user.email !== undefined && { email: user.email }),
    from: user.status,
    reason: 'Listed upstream again',
  },
  connectorResourceId: resourceId,
})
