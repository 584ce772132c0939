import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { MatchSubject, UserLink } from '../model/match.ts'
import type { Scope } from '../model/scope.ts'
import type { SubjectSlice } from '../ports/people-store.ts'
import type { PeopleContext } from './people-context.ts'

/** See `SubjectSlice`. */
type SubjectNeeds = Pick<SubjectSlice, 'attributes'>

/** What the steps of a post-sync see of a scope: as it is stored, or as it would be after the steps before. */
export interface PeopleView {
  /** In slices, ordered by external id. */
  slices(which: SubjectSlice['which'], needs?: SubjectNeeds): AsyncIterable<readonly MatchSubject[]>
  subjectsOf(externalIds: readonly string[]): Promise<readonly MatchSubject[]>
  links(userIds: readonly string[]): Promise<readonly UserLink[]>
  /** See `PeopleStore.lastActions`. */
  lastActions(userIds: readonly string[]): Promise<readonly LifecycleAction[]>
  /** Slices of `PeopleStore.deactivations`. */
  deactivations(): AsyncIterable<readonly LifecycleAction[]>
}

export function storedView({ people, batchSize, tenantId }: PeopleContext, scope: Scope): PeopleView {
  return {
    async *slices(which, needs) {
      let after: string | undefined
      for (;;) {
        const slice = await people.subjects({ ...needs, scope, which, limit: batchSize, after })
        if (slice.length > 0) yield slice
        after = slice.at(-1)?.externalId
        if (slice.length < batchSize) return
      }
    },
    subjectsOf: (externalIds) => people.subjectsOf(scope, externalIds),
    links: (userIds) => people.links(userIds, { tenantId }),
    lastActions: (userIds) => people.lastActions(userIds, { tenantId }),
    async *deactivations() {
      let after = 0
      for (;;) {
        const slice = await people.deactivations({ scope, tenantId, after, limit: batchSize })
        if (slice.length > 0) yield slice
        after = slice.at(-1)?.position ?? after
        if (slice.length < batchSize) return
      }
    },
  }
}
