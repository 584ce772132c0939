import type { Match, MatchSubject, UserLink } from '../model/match.ts'
import type { Scope } from '../model/scope.ts'
import type { MatchWrite } from '../ports/people-store.ts'
import type { PeopleView } from './people-view.ts'

/** A view in which match rows are as they would be once these were written. */
export interface OverlayView extends PeopleView {
  note(writes: readonly MatchWrite[]): void
}

/** Lays planned match rows over a view. Holds what was planned, and nothing else. */
export function overlayView(view: PeopleView, scope: Scope): OverlayView {
  const planned = new Map<string, MatchWrite>()
  const byUser = new Map<string, Set<string>>()
  const over = (subject: MatchSubject): MatchSubject => {
    const write = planned.get(subject.externalId)
    return write ? { ...subject, match: matchOf(scope, write, subject.match) } : subject
  }
  const isOfScope = (link: UserLink): boolean =>
    link.connectorId === scope.connectorId && link.resourceType === scope.resourceType
  return {
    note(writes) {
      for (const write of writes) {
        planned.set(write.externalId, write)
        if (write.userId === undefined) continue
        byUser.set(write.userId, (byUser.get(write.userId) ?? new Set()).add(write.externalId))
      }
    },
    async *slices(which, needs) {
      if (which !== 'live_linked') {
        for await (const slice of view.slices(which, needs)) yield slice.map(over)
        return
      }
      for await (const slice of view.slices('live', needs)) {
        const linked = slice.map(over).filter(({ match }) => match?.userId !== undefined)
        if (linked.length > 0) yield linked
      }
    },
    async subjectsOf(externalIds) {
      return (await view.subjectsOf(externalIds)).map(over)
    },
    async links(userIds) {
      const stored = await view.links(userIds)
      const kept = stored.filter((link) => !isOfScope(link) || !planned.has(link.externalId))
      // What is planned is planned for live resources only.
      const added = [...new Set(userIds)].flatMap((userId) =>
        [...(byUser.get(userId) ?? [])].map((externalId) => ({ ...scope, externalId, userId, live: true })),
      )
      return [...kept, ...added]
    },
    lastActions: (userIds) => view.lastActions(userIds),
    deactivations: () => view.deactivations(),
  }
}

/** The end of all time a `Date` can tell. */
const notYet = new Date(8_640_000_000_000_000)

/** The row as the store would have it. */
function matchOf(scope: Scope, write: MatchWrite, before: Match | undefined): Match {
  const { resolvedAt, ...row } = write
  return {
    ...scope,
    ...row,
    ...(resolvedAt !== undefined && { resolvedAt: resolvedAt === 'now' ? notYet : resolvedAt }),
    matchId: before?.matchId ?? '',
    version: write.version + 1,
    createdAt: before?.createdAt ?? notYet,
    updatedAt: notYet,
  }
}
