import { SyncError } from '../errors.ts'
import { canonicalJson } from '../hashing/canonical-json.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'

/** The lists of a plan. */
export type PlanPart = 'matches' | 'creates' | 'deactivations' | 'reactivations' | 'profiles'

/** One entry that is not what it was when the plan was made. */
export interface PlanDifference {
  readonly part: PlanPart | 'settings' | 'tenant'
  readonly externalId: string
  /** added: it would happen now and is not planned · dropped: it is planned and has no cause any more */
  readonly what: 'added' | 'changed' | 'dropped'
}

export const planParts: readonly PlanPart[] = [
  'matches',
  'creates',
  'deactivations',
  'reactivations',
  'profiles',
]

/** The connector belongs to another tenant: none of the plan's users is in its reach. */
export const tenantChanged: PlanDifference = { part: 'tenant', externalId: '', what: 'changed' }

/** What has changed since a plan was made, by a plan made now. */
export function comparePlans(plan: PostSyncPlan, now: PostSyncPlan): readonly PlanDifference[] {
  const found: PlanDifference[] = []
  if (plan.tenantId !== now.tenantId) return [tenantChanged]
  if (plan.settings !== now.settings) found.push({ part: 'settings', externalId: '', what: 'changed' })
  for (const part of planParts) {
    const before = entriesOf(plan, part)
    const after = entriesOf(now, part)
    for (const [externalId, entry] of after) {
      if (before.get(externalId) === entry) continue
      found.push(planDifference(part, externalId, before.has(externalId)))
    }
    for (const externalId of before.keys()) {
      if (!after.has(externalId)) found.push({ part, externalId, what: 'dropped' })
    }
  }
  return found
}

/** Entries by external id, each as text that is equal exactly when the entry is. */
export function entriesOf(plan: PostSyncPlan, part: PlanPart): ReadonlyMap<string, string> {
  const entries: readonly { readonly externalId: string }[] = plan[part]
  return new Map(entries.map((entry) => [entry.externalId, canonicalJson(entry)]))
}

export const planDifference = (part: PlanPart, externalId: string, isPlanned: boolean): PlanDifference => ({
  part,
  externalId,
  what: isPlanned ? 'changed' : 'added',
})

const mostShown = 100

/** Why a plan is not carried out any further. */
export function outdated(plan: PostSyncPlan, differences: readonly PlanDifference[]): SyncError {
  const [first] = differences
  const where =
    first && (first.externalId === '' ? `the ${first.part}` : `${first.part} of "${first.externalId}"`)
  return new SyncError(
    'PLAN_OUTDATED',
    `${differences.length} of the plan's decisions would be others now, ${where} first; make a new plan`,
    {
      details: {
        planId: plan.planId,
        total: differences.length,
        differences: differences.slice(0, mostShown).map((difference) => ({ ...difference })),
      },
    },
  )
}
