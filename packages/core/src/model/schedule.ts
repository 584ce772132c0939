import type { Run } from './run.ts'
import type { Scope } from './scope.ts'

/** When a scope is to be synced next. The earlier of both instants counts. */
export interface SchedulePlan {
  /** The tick of its schedule, staggered. Once it has passed, one run makes up for it and all that were missed. */
  readonly tickAt?: Date | undefined
  /** A run that failed or had to stop is tried again. */
  readonly retryAt?: Date | undefined
  /** The ended run that this plan takes into account. */
  readonly plannedAfter?: string | undefined
}

/** A run that ended, as far as plans look at it. */
export type EndedRun = Pick<Run, 'runId' | 'status' | 'error'> & { readonly finishedAt: Date }

/** A scope that is synced by itself: its config is enabled and has a schedule, its connector is active. */
export interface ScheduledScope extends Scope {
  readonly tenantId: string
  readonly cronSchedule: string
  readonly cronTimeZone?: string | undefined
  readonly plan: SchedulePlan
  /** Changes with every write of the plan and of the schedule. */
  readonly planVersion: number
  /** Newest first. */
  readonly endedRuns: readonly EndedRun[]
}
