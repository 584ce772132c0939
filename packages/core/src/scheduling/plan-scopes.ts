import type { ScheduledScope, SchedulePlan } from '../model/schedule.ts'
import type { Scope } from '../model/scope.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { runsToJudge } from './judge-runs.ts'
import { nextPlan } from './next-plan.ts'

/** Scopes with the plans they have now, and the store time at which they were read. */
export interface PlannedScopes {
  readonly now: Date
  readonly scopes: readonly ScheduledScope[]
}

/**
 * Reads what is scheduled and gives every scope the plan it should have. Any process may do so at any time: one of
 * them writes, and that one announces what it found.
 */
export async function planScopes(engine: EngineContext, scope?: Scope): Promise<PlannedScopes> {
  const { store, limits } = engine
  const { now, scopes } = await store.schedules.list({ scope, endedRuns: runsToJudge(limits.retryDelaysMs) })
  return { now, scopes: await Promise.all(scopes.map((read) => planScope(engine, read, now))) }
}

async function planScope(engine: EngineContext, scope: ScheduledScope, now: Date): Promise<ScheduledScope> {
  const { store, limits, emit, clock, logger } = engine
  const next = nextPlan(scope, now, limits)
  if (!next) return scope
  const { tenantId, connectorId, resourceType } = scope
  const written = await writePlan(store, scope, next.plan)
  if (!written) return scope
  if (next.alert) {
    const { failures, run } = next.alert
    const error = run.error ?? { code: 'INTERNAL', message: `Run ${run.runId} ended as ${run.status}` }
    logger.warn({ tenantId, connectorId, resourceType, failures, runId: run.runId, error }, 'sync is failing')
    emit({
      kind: 'sync.failing',
      tenantId,
      connectorId,
      resourceType,
      failures,
      runId: run.runId,
      error,
      at: clock.now(),
    })
  }
  return written
}

/** The scope with its new plan; undefined when somebody else was faster. */
export async function writePlan(
  store: EngineContext['store'],
  scope: ScheduledScope,
  plan: SchedulePlan,
): Promise<ScheduledScope | undefined> {
  const { connectorId, resourceType, planVersion } = scope
  const written = await store.schedules.plan({ scope: { connectorId, resourceType }, planVersion, plan })
  return written ? { ...scope, plan, planVersion: planVersion + 1 } : undefined
}
