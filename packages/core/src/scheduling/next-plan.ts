import type { ScheduledScope, SchedulePlan } from '../model/schedule.ts'
import { type Judgement, judgeRuns } from './judge-runs.ts'
import { staggeredTick } from './staggered-tick.ts'

/** What plans depend on besides the scope. */
export interface PlanRules {
  readonly maxStaggerMs: number
  readonly retryDelaysMs: readonly number[]
}

/** A plan to write, and what it found on the way. */
export interface NewPlan {
  readonly plan: SchedulePlan
  readonly alert?: Extract<Judgement, { kind: 'alert' }> | undefined
}

/** The plan a scope should have; undefined when it has it. */
export function nextPlan(scope: ScheduledScope, now: Date, rules: PlanRules): NewPlan | undefined {
  const { plan, endedRuns } = scope
  const plannedAfter = endedRuns[0]?.runId
  if (plan.tickAt === undefined) {
    // A new schedule begins with its first tick; what failed before it is not its business.
    return { plan: { tickAt: staggeredTick(scope, now, rules.maxStaggerMs), plannedAfter } }
  }
  if (plan.plannedAfter === plannedAfter) return undefined
  const judgement = judgeRuns(endedRuns, rules.retryDelaysMs)
  return {
    plan: {
      tickAt: plan.tickAt,
      retryAt: judgement.kind === 'retry' ? judgement.at : undefined,
      plannedAfter,
    },
    alert: judgement.kind === 'alert' ? judgement : undefined,
  }
}

/** When a scope is due: absent when it has no plan. */
export function dueAt({ tickAt, retryAt }: SchedulePlan): Date | undefined {
  if (!tickAt || !retryAt) return tickAt ?? retryAt
  return tickAt < retryAt ? tickAt : retryAt
}

/** The plan once a due scope has begun to run; undefined when it is not due. Missed ticks are made up for by one run. */
export function planOnceBegun(
  scope: Pick<ScheduledScope, 'connectorId' | 'resourceType' | 'cronSchedule' | 'cronTimeZone'>,
  state: { readonly plan: SchedulePlan | undefined; readonly now: Date },
  { maxStaggerMs }: PlanRules,
): SchedulePlan | undefined {
  const { plan = {}, now } = state
  const due = dueAt(plan)
  if (!due || due > now) return undefined
  const { tickAt, plannedAfter } = plan
  return { tickAt: tickAt && tickAt > now ? tickAt : staggeredTick(scope, now, maxStaggerMs), plannedAfter }
}
