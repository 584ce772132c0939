import type { PeopleHost } from './people-context.ts'

const perClaim = 50
/** How long another process waits before it delivers a job that this one claimed. */
const claimMs = 60_000

/**
 * Hands recorded jobs to the host's workflow engine, until none is left. A job that is not taken over is offered again
 * once its claim ends, under the same key.
 * @returns how many were taken over
 */
export async function deliverJobs({ people, workflows, logger, stopping }: PeopleHost): Promise<number> {
  if (!workflows) return 0
  let delivered = 0
  while (!stopping.aborted) {
    const jobs = await people.claimJobs({ limit: perClaim, leaseMs: claimMs })
    const taken: string[] = []
    for (const job of jobs) {
      try {
        await workflows.trigger(job)
        taken.push(job.idempotencyKey)
      } catch (error) {
        logger.warn({ idempotencyKey: job.idempotencyKey, error }, 'workflow job not taken over')
      }
    }
    if (taken.length > 0) await people.deliveredJobs(taken)
    delivered += taken.length
    if (jobs.length < perClaim) return delivered
  }
  return delivered
}
