import type { Run } from '../model/run.ts'
import type { SchedulePlan } from '../model/schedule.ts'
import type { SyncRequest } from './syncline.ts'

/** A run to carry out in this process. */
export interface RunRequest {
  readonly request: SyncRequest
  /**
   * The tenant that the run was asked for or planned for. A run may wait for its turn, and its connector belong to
   * another tenant by then: it is refused. @default the tenant that the connector belongs to
   */
  readonly tenantId?: string | undefined
  readonly approval?: { readonly run: Run; readonly approvedBy: string } | undefined
  /** Begins this queued run. */
  readonly queuedRunId?: string | undefined
  /** The plan that the scope gets when the run begins; undefined when it is not due, which refuses the run. */
  readonly takePlan?: ((plan: SchedulePlan | undefined, now: Date) => SchedulePlan | undefined) | undefined
}
