import type { Queue } from '../ports/queue.ts'
import { jobSubject, syncQueue } from '../scheduling/job-names.ts'
import { planScopes, writePlan } from '../scheduling/plan-scopes.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { Syncline } from './syncline.ts'

/** Dead letters are tried by asking for 1,000, all that a queue keeps. */
const allLetters = 1_000

export function jobsHandle(engine: EngineContext, queue: Queue): Syncline['jobs'] {
  return {
    counts: () => queue.counts(syncQueue),
    deadLetters: (options) => queue.deadLetters(syncQueue, options),
    async redrive(jobId) {
      const letters = await queue.deadLetters(syncQueue, { limit: allLetters })
      const letter = letters.find((kept) => kept.jobId === jobId)
      if (!letter) return false
      const subject = jobSubject(letter.payload)
      // The store says what is due; the job only wakes a worker.
      if (subject && 'connectorId' in subject) {
        const { now, scopes } = await planScopes(engine, subject)
        for (const scope of scopes) await writePlan(engine.store, scope, { ...scope.plan, retryAt: now })
      }
      return (await queue.redrive(syncQueue, jobId)) !== undefined
    },
  }
}
