import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { PostSyncRun } from '../model/post-sync-run.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import { bindTenant } from './bind-tenant.ts'
import type { PeopleHost } from './people-context.ts'
import { comparePlans, outdated, tenantChanged } from './plan-differences.ts'
import { planPostSync } from './plan-post-sync.ts'
import { runPostSync } from './run-post-sync.ts'

const runsToLookAt = 100

/**
 * Carries out exactly what a plan (see `requirePlan`) holds, or refuses with what has changed since. A plan that was broken off goes on
 * where it stood; one that was carried out is answered by its run.
 * @throws PLAN_OUTDATED: nothing was written; and what `runPostSync` throws
 */
export async function applyPlan(
  host: PeopleHost,
  request: {
    readonly plan: PostSyncPlan
    /** Tenant that the connector belongs to now. */
    readonly tenantId: string
    readonly settings: PostSyncSettings
    readonly approvedBy?: string | undefined
  },
): Promise<PostSyncRun> {
  const { plan, settings, approvedBy } = request
  if (plan.tenantId !== request.tenantId) throw outdated(plan, [tenantChanged])
  const context = bindTenant(host, request.tenantId)
  const scope = { connectorId: plan.connectorId, resourceType: plan.resourceType }
  const runs = await context.people.runs({ ...scope, limit: runsToLookAt })
  const before = runs.find(({ planId }) => planId === plan.planId)
  if (before?.status === 'success') return before
  const verify = async (): Promise<void> => {
    const differences = comparePlans(plan, await planPostSync(context, { scope, settings }))
    // What was carried out before it was broken off has no cause any more.
    const left = before ? differences.filter(({ what }) => what !== 'dropped') : differences
    if (left.length > 0) throw outdated(plan, left)
  }
  await verify()
  return runPostSync(host, { scope, settings, plan, approvedBy, verify })
}
