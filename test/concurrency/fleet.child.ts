import { bullmqQueue } from '@syncline/adapter-bullmq'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector } from '@syncline/core'
import { z } from 'zod'
import { connectRedis } from '../../packages/adapter-bullmq/test/connect-redis.ts'
import type { HeldPage } from './held-pages.ts'

/** A worker of a fleet on PostgreSQL and Redis: works until it is killed, and tells its parent what happens. */
const [connectionString = '', redisUrl = '', lockMs = ''] = process.argv.slice(2)

/** Lists what held pages serve, and blocks the whole process where a page says so. */
const blockingConnector = defineConnector({
  type: 'pages',
  displayName: 'Pages that may block',
  configSchema: z.object({ url: z.string() }),
  resourceTypes: {
    user: {
      async list({ cursor = 'p0', signal }, { config }) {
        const response = await fetch(`${config.url}/?cursor=${cursor}`, { signal })
        const { blockMs, ...payload } = (await response.json()) as HeldPage
        if (blockMs !== undefined) {
          for (const until = Date.now() + blockMs; Date.now() < until; );
          process.send?.({ kind: 'unblocked', at: Date.now() })
        }
        return { success: true, payload }
      },
    },
  },
})

const syncline = createSyncline({
  store: await openPostgresStore({ connectionString }),
  queue: bullmqQueue({ connect: connectRedis(redisUrl), prefix: 'fleet', lockMs: Number(lockMs) }),
  connectorTypes: [blockingConnector],
  limits: {
    leaseMs: Number(lockMs),
    recoveryPollMs: 300,
    reconcileMs: 300,
    maxStaggerMs: 0,
    sweepBatch: 15,
    // Whoever reads a page has no transaction open.
    lookAhead: 0,
  },
  onEvent: ({ kind }) => process.send?.({ kind, at: Date.now() }),
})
process.on('uncaughtException', (error) => process.send?.({ kind: 'uncaught', error: String(error) }))
process.on('unhandledRejection', (error) => process.send?.({ kind: 'uncaught', error: String(error) }))
await syncline.start()
process.send?.({ kind: 'up' })
