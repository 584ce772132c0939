/**
 * Two workers and a scheduler as processes of their own, on PostgreSQL and Redis. One worker is killed with -9 in the
 * middle of a run; the other one ends it. Run it with
 * `DATABASE_URL=… REDIS_URL=… npm run example:postgres-redis`; it writes into a schema and a prefix of its own.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { bullmqQueue } from '@syncline/adapter-bullmq'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector, type SyncEvent } from '@syncline/core'
import { Redis } from 'ioredis'
import { z } from 'zod'

const pages = 6
const scope = { connectorId: 'slow', resourceType: 'user' }

/** A page takes a while, so that there is time to kill somebody. */
const slow = defineConnector({
  type: 'slow',
  displayName: 'Slow directory',
  configSchema: z.object({}),
  resourceTypes: {
    user: {
      async list({ cursor = '1', signal }) {
        await wait(400, undefined, { signal })
        const resources = [{ externalId: cursor, displayName: `Person ${cursor}`, attributes: {} }]
        const nextCursor = Number(cursor) < pages ? `${Number(cursor) + 1}` : undefined
        return { success: true, payload: { resources, nextCursor } }
      },
    },
  },
})

interface Servers {
  readonly databaseUrl: string
  readonly redisUrl: string
}

const open = async ({ databaseUrl, redisUrl }: Servers, onEvent?: (event: SyncEvent) => void) => {
  const store = await openPostgresStore({
    connectionString: databaseUrl,
    schema: 'syncline_example',
    migrate: true,
  })
  const queue = bullmqQueue({
    connect: (options) => new Redis(redisUrl, options),
    prefix: 'syncline-example',
  })
  const limits = { leaseMs: 3_000, recoveryPollMs: 1_000, reconcileMs: 1_000 }
  const syncline = createSyncline({ store, queue, connectorTypes: [slow], limits, onEvent })
  const close = async (): Promise<void> => {
    await syncline.stop()
    await queue.close()
    await store.close()
  }
  return { syncline, close }
}

/** What a worker or a scheduler does: it starts, tells its parent every event, and stops when it is asked to. */
async function live(servers: Servers, work: boolean): Promise<void> {
  const { syncline, close } = await open(servers, (event) => process.send?.(event))
  await syncline.start({ work })
  await once(process, 'SIGTERM')
  await close()
  process.disconnect()
}

async function demonstrate(servers: Servers): Promise<void> {
  const host = await open(servers)
  await host.syncline.connectors.save({ connectorId: 'slow', type: 'slow' })
  await host.syncline.configs.save({ ...scope, enabled: true, cronSchedule: '0 6 * * *' })
  const started = Promise.withResolvers<ChildProcess>()
  const processes = ['worker', 'worker', 'scheduler'].map((role) => {
    const child = fork(import.meta.filename, [role])
    child.on('message', ({ kind }: SyncEvent) => {
      if (kind === 'run.progress') started.resolve(child)
    })
    return child
  })

  const { runId } = await host.syncline.trigger({ ...scope, restart: true })
  const worker = await started.promise
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  console.log('a worker was killed in the middle of the run')

  const killed = await host.syncline.runs.wait(runId)
  console.log(`its run ended as ${killed.error?.code}`)
  for (;;) {
    const [latest] = await host.syncline.runs.list({ ...scope, limit: 1 })
    if (latest?.resumedFrom === runId && latest.finishedAt) {
      console.log(`another worker went on from its checkpoint: ${latest.status}`)
      break
    }
    await wait(100)
  }
  const { total } = await host.syncline.resources.list(scope)
  console.log(`${total} people, as upstream has`)

  const left = processes.filter((child) => child !== worker)
  const exits = left.map((child) => once(child, 'exit'))
  for (const child of left) child.kill('SIGTERM')
  await Promise.all(exits)
  await host.close()
}

const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env
const [, , role] = process.argv
if (!databaseUrl || !redisUrl)
  console.log('Set DATABASE_URL and REDIS_URL to a PostgreSQL and a Redis of yours')
else if (role) await live({ databaseUrl, redisUrl }, role === 'worker')
else await demonstrate({ databaseUrl, redisUrl })
