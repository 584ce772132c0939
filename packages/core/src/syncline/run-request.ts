import type { Run } from '../model/run.ts'
import type { SchedulePlan } from '../model/schedule.ts'
import type { SyncRequest } from './syncline.ts'

/** A run to carry out in this process. */
export interface RunRequest {
  readonly request: SyncRequest
  readonly approval?: { readonly run: Run; readonly approvedBy: string } | undefined
  /** Begins this queued run. */
  readonly queuedRunId?: string | undefined
  /** The plan that the scope gets when the run begins; undefined when it is not due, which refuses the run. */
  readonly takePlan?: ((plan: SchedulePlan | undefined, now: Date) => SchedulePlan | undefined) | undefined
}
