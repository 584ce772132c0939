import { bullmqQueue } from '@syncline/adapter-bullmq'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Limits, type Queue, type Store, type Syncline } from '@syncline/core'
import { Redis } from 'ioredis'
import { slowConnector } from './slow-connector.ts'

/** What every process of the load is opened with. */
export interface LoadSetting {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly limits: Pick<Limits, 'maxStaggerMs' | 'maxConcurrentRuns' | 'maxConcurrentPerTenant'>
}

export async function openProcess(
  { databaseUrl, redisUrl, limits }: LoadSetting,
  onFinished?: (runId: string) => void,
): Promise<{ readonly syncline: Syncline; readonly store: Store; readonly queue: Queue }> {
  const store = await openPostgresStore({ connectionString: databaseUrl })
  const queue = bullmqQueue({ connect: (options) => new Redis(redisUrl, options) })
  const syncline = createSyncline({
    store,
    queue,
    connectorTypes: [slowConnector],
    limits,
    onEvent: (event) => {
      if (event.kind === 'run.finished') onFinished?.(event.runId)
    },
  })
  return { syncline, store, queue }
}
