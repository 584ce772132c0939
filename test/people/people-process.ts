import { createSyncline, type Syncline, type WorkflowTrigger } from '@syncline/core'
import pg from 'pg'
import { type HostName, type HostParts, openHost } from './host-kinds.ts'
import { isExempt, sliceSize } from './staff.ts'

/** Syncline over a host's database, as a process of the host composes it. */
export interface PeopleProcess {
  readonly syncline: Syncline
  readonly close: () => Promise<void>
}

type Parts = HostParts & { readonly workflows: WorkflowTrigger }

/** @param watch sees every part before Syncline gets it */
export function openPeople(
  connectionString: string,
  { host, watch = (parts) => parts }: { host: HostName; watch?: (parts: Parts) => Parts },
): PeopleProcess {
  const pool = new pg.Pool({ connectionString, max: 4 })
  const workflows: WorkflowTrigger = {
    async trigger({ idempotencyKey, payload }) {
      const job = [idempotencyKey, JSON.stringify(payload)]
      await pool.query('insert into watch.inbox (idempotency_key, payload) values ($1, $2)', job)
    },
  }
  const syncline = createSyncline({
    ...watch({ ...openHost(pool, host), workflows }),
    connectorTypes: [],
    exemptUsers: isExempt,
    // Renewals come with time, not with a step.
    limits: { postSyncBatch: sliceSize, leaseMs: 600_000, recoveryPollMs: 200 },
  })
  return {
    syncline,
    async close() {
      await syncline.stop()
      await pool.end()
    },
  }
}
