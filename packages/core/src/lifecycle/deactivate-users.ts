import { compareCodePoints } from '../memory/compare-code-points.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { MatchSubject, UserLink } from '../model/match.ts'
import type { DeactivationVerdict } from '../model/post-sync-run.ts'
import type { TenantUsers } from '../post-sync/tenant-ports.ts'
import type { PostSyncWork, StatusDecision } from '../post-sync/work.ts'
import { judgeDeactivations } from './deactivation-guard.ts'

export interface DeactivationStep {
  readonly users: TenantUsers
  readonly isExempt: (user: LocalUser) => boolean
}

/**
 * Step 3: users whose only resource is stale or gone. All candidates are counted before the first of them is touched;
 * when the guard trips, none is.
 */
export async function deactivateUsers(
  work: PostSyncWork,
  step: DeactivationStep,
): Promise<DeactivationVerdict> {
  let candidates = 0
  for await (const batch of findLeavers(work, step)) candidates += batch.length
  const verdict = judgeDeactivations(
    { linked: work.linkedUsers, candidates },
    work.settings.deactivationGuard,
  )
  if (candidates === 0 || (verdict.tripped && !work.effects.ignoresGuard)) return verdict
  let judged = candidates
  for await (const batch of findLeavers(work, step)) {
    work.checkpoint()
    // More may have left meanwhile; the guard did not judge those.
    const part = batch.slice(0, judged)
    judged -= part.length
    if (part.length > 0) await work.effects.statuses(part)
  }
  return verdict
}

async function* findLeavers(
  { view, scope }: PostSyncWork,
  { users, isExempt }: DeactivationStep,
): AsyncGenerator<readonly StatusDecision[]> {
  for await (const slice of view.slices('absent_linked', { attributes: false })) {
    const ids = [...new Set(slice.flatMap(({ match }) => match?.userId ?? []))]
    const [found, linked, last] = await Promise.all([users.get(ids), view.links(ids), view.lastActions(ids)])
    const userById = new Map(found.map((user) => [user.userId, user]))
    const linksByUser = Map.groupBy(linked, ({ userId }) => userId)
    const lastByUser = new Map(last.flatMap((action) => (action.userId ? [[action.userId, action]] : [])))
    const decided = slice.flatMap((subject): StatusDecision | [] => {
      const user = userById.get(subject.match?.userId ?? '')
      if (!user || user.status === 'deactivated' || isExempt(user)) return []
      const links = linksByUser.get(user.userId) ?? []
      if (!isLastLink(subject, links, scope)) return []
      if (wasDealtWith(subject, lastByUser.get(user.userId))) return []
      return { ...decisionOf(subject, user), resources: links.map((link) => link.externalId) }
    })
    if (decided.length > 0) yield decided
  }
}

/** Whether the user is matched through absent resources of this scope only, and this one speaks for all of them. */
function isLastLink(
  { externalId }: MatchSubject,
  links: readonly UserLink[],
  scope: PostSyncWork['scope'],
): boolean {
  const elsewhere = links.some(
    (link) => link.live || link.connectorId !== scope.connectorId || link.resourceType !== scope.resourceType,
  )
  const [first] = links.map((link) => link.externalId).toSorted(compareCodePoints)
  return !elsewhere && first === externalId
}

/**
 * Whether this very absence led to a deactivation before. Whoever is active all the same was brought back on purpose,
 * by an undo or in the host, and is left alone until the resource has returned and gone again.
 */
function wasDealtWith({ resource, match }: MatchSubject, last: LifecycleAction | undefined): boolean {
  if (!last || (last.kind !== 'deactivate' && last.undoes === undefined)) return false
  const resourceId = resource?.resourceId ?? match?.connectorResourceId
  if (last.connectorResourceId !== resourceId) return false
  const since = resource?.staleSince
  return since === undefined || since.getTime() === last.staleSince?.getTime()
}

function decisionOf({ externalId, resource, match }: MatchSubject, user: LocalUser): StatusDecision {
  const since = resource?.staleSince
  return {
    kind: 'deactivate',
    planned: {
      externalId,
      userId: user.userId,
      ...(user.email !== undefined && { email: user.email }),
      from: user.status,
      reason: since
        ? `Not listed upstream any more since ${since.toISOString()}`
        : 'Removed from the copy: it was stale longer than it is kept, or upstream deleted it',
    },
    connectorResourceId: resource?.resourceId ?? match?.connectorResourceId ?? '',
    ...(since && { staleSince: since }),
  }
}
