import type { WorkflowJob, WorkflowTrigger } from '@syncline/core'

/** A workflow engine that keeps what it is given. */
export interface RecordingWorkflows extends WorkflowTrigger {
  /** Every delivery, in order, repeated ones included. */
  readonly deliveries: readonly WorkflowJob[]
  /** Each job once, as an engine has it that ignores keys it knows. */
  readonly jobs: readonly WorkflowJob[]
  /** The next so many deliveries are refused. */
  refuse(times: number): void
}

export function recordingWorkflows(): RecordingWorkflows {
  const deliveries: WorkflowJob[] = []
  const jobs = new Map<string, WorkflowJob>()
  let refusals = 0
  return {
    deliveries,
    get jobs() {
      return [...jobs.values()]
    },
    refuse(times) {
      refusals = times
    },
    async trigger(job) {
      deliveries.push(job)
      if (refusals > 0) {
        refusals -= 1
        throw new Error('the workflow engine is away')
      }
      if (!jobs.has(job.idempotencyKey)) jobs.set(job.idempotencyKey, job)
    },
  }
}
