import type { WorkflowJob } from '../model/workflow-job.ts'

/** The host's workflow engine, or its job queue. */
export interface WorkflowTrigger {
  /**
   * Takes a `sync-workflow-trigger` job over; resolved means that it is safe there. Called at least once for each
   * job, perhaps again after a crash, always with the same idempotency key: must ignore a key it has taken over
   * before. A throw means that it was not taken over; it is offered again later.
   */
  trigger(job: WorkflowJob): Promise<void>
}
