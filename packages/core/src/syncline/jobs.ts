import type { DeadLetter, Queue } from '../ports/queue.ts'
import type { Store } from '../ports/store.ts'
import { jobSubject, syncQueue } from '../scheduling/job-names.ts'
import { planScopes, writePlan } from '../scheduling/plan-scopes.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import type { Syncline } from './syncline.ts'

/** Dead letters are tried by asking for 1,000, all that a queue keeps. */
const allLetters = 1_000

/** The connector of the letter was removed or moved since, and belongs to another tenant now. */
async function isOfFormerTenant(
  { connectors }: Store,
  connectorId: string,
  { payload: { tenantId } }: DeadLetter,
): Promise<boolean> {
  const connector = typeof tenantId === 'string' ? await connectors.get(connectorId) : undefined
  return connector !== undefined && connector.tenantId !== tenantId
}

export function jobsHandle(engine: EngineContext, queue: Queue): Syncline['jobs'] {
  const { runs } = engine.store
  const lettersOf = async (tenantId: string | undefined): Promise<readonly DeadLetter[]> => {
    const letters = await queue.deadLetters(syncQueue, { limit: allLetters })
    return letters.filter(({ payload }) => tenantId === undefined || payload.tenantId === tenantId)
  }
  return {
    async counts({ tenantId } = {}) {
      if (tenantId === undefined) return queue.counts(syncQueue)
      const [waiting, running, letters] = await Promise.all([
        runs.count({ tenantId, status: 'queued' }),
        runs.count({ tenantId, status: 'running' }),
        lettersOf(tenantId),
      ])
      return { waiting, delayed: 0, running, dead: letters.length }
    },
    async deadLetters({ tenantId, limit = 100 } = {}) {
      if (tenantId === undefined) return queue.deadLetters(syncQueue, { limit })
      return (await lettersOf(tenantId)).slice(0, limit)
    },
    async redrive(jobId, { tenantId } = {}) {
      const letter = (await lettersOf(tenantId)).find((kept) => kept.jobId === jobId)
      if (!letter) return false
      const subject = jobSubject(letter.payload)
      // The store says what is due; the job only wakes a worker.
      if (subject && 'connectorId' in subject) {
        if (await isOfFormerTenant(engine.store, subject.connectorId, letter)) return false
        const { now, scopes } = await planScopes(engine, subject)
        for (const scope of scopes) await writePlan(engine.store, scope, { ...scope.plan, retryAt: now })
      }
      return (await queue.redrive(syncQueue, jobId)) !== undefined
    },
  }
}
