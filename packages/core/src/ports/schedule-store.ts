import type { ScheduledScope, SchedulePlan } from '../model/schedule.ts'
import type { Scope } from '../model/scope.ts'

/** The truth about what is due. Queues only wake workers; everything in them may be lost. */
export interface ScheduleStore {
  /**
   * Every scope whose config is enabled and has a schedule, of active connectors, ordered by connector id, then
   * resource type; each with its newest ended runs.
   */
  list(query: {
    /** Only this one. */
    readonly scope?: Scope | undefined
    /** How many ended runs of each. */
    readonly endedRuns: number
  }): Promise<{
    /** The store's own time. */
    readonly now: Date
    readonly scopes: readonly ScheduledScope[]
  }>
  /**
   * Writes a plan if nobody changed plan or schedule since it was read. False: somebody did, or it has no schedule
   * any more.
   */
  plan(request: {
    readonly scope: Scope
    readonly planVersion: number
    readonly plan: SchedulePlan
  }): Promise<boolean>
}
