import { canonicalJson } from '../hashing/canonical-json.ts'
import { emailKey } from '../matching/match-text.ts'
import type { SubjectResource } from '../model/match.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { FieldChange } from '../model/profile.ts'
import { entriesOf, outdated, type PlanPart, planDifference, planParts } from './plan-differences.ts'
import { plannedCreate, plannedMatch } from './planned-effects.ts'
import type { PeopleEffects } from './work.ts'

/**
 * Lets through what a plan holds, and nothing else. The first decision that is not in it ends the work before it is
 * written: what was decided on has changed since.
 */
export function boundEffects(
  effects: PeopleEffects,
  plan: PostSyncPlan,
  firstProfile: (resource: SubjectResource) => readonly FieldChange[],
): PeopleEffects {
  const parts = new Map(planParts.map((part) => [part, entriesOf(plan, part)]))
  const require = (part: PlanPart, entries: readonly { readonly externalId: string }[]): void => {
    const found = entries.flatMap((entry) => {
      const planned = parts.get(part)?.get(entry.externalId)
      return planned === canonicalJson(entry)
        ? []
        : planDifference(part, entry.externalId, planned !== undefined)
    })
    if (found.length > 0) throw outdated(plan, found)
  }
  return {
    ignoresGuard: effects.ignoresGuard,
    async matches(decisions) {
      require('matches', decisions.flatMap(plannedMatch))
      require('creates', decisions.flatMap((decision) => plannedCreate(decision, firstProfile)))
      if (await effects.matches(decisions)) return true
      throw outdated(plan, [{ part: 'matches', externalId: '', what: 'changed' }])
    },
    async creates() {
      const lost = await effects.creates()
      const unplanned = lostToOthers(plan, lost)
      if (unplanned.length === 0) return lost
      // Their rows are settled already: no resource waits for a user that will not be made.
      throw outdated(
        plan,
        unplanned.map((externalId) => ({ part: 'creates', externalId, what: 'changed' })),
      )
    },
    async statuses(decisions) {
      for (const kind of ['deactivate', 'reactivate'] as const) {
        const part = kind === 'deactivate' ? 'deactivations' : 'reactivations'
        const ofKind = decisions.filter((decision) => decision.kind === kind)
        require(part, ofKind.map(({ planned }) => planned))
      }
      await effects.statuses(decisions)
    },
    async profiles(writes) {
      require('profiles', writes)
      const late = await effects.profiles(writes)
      if (late.length === 0) return late
      throw outdated(
        plan,
        writes
          .filter(({ userId }) => late.includes(userId))
          .map(({ externalId }) => ({ part: 'profiles', externalId, what: 'changed' })),
      )
    },
  }
}

/** Of several planned users with one e-mail the first is made, and the others lose it to that one: this is no change. */
function lostToOthers({ creates }: PostSyncPlan, lost: readonly string[]): readonly string[] {
  const without = new Set(lost)
  const made = new Set(
    creates.flatMap(({ externalId, email }) => (without.has(externalId) ? [] : emailKey(email))),
  )
  const emails = new Map(creates.map(({ externalId, email }) => [externalId, emailKey(email)]))
  return lost.filter((externalId) => !made.has(emails.get(externalId)))
}
