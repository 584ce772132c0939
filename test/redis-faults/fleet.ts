import { type BullmqQueueOptions, bullmqQueue } from '@syncline/adapter-bullmq'
import { openRedisCache, openRedisRateLimiter } from '@syncline/adapter-redis'
import { createSyncline, type LimitsInput, type Store, type Syncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { Redis } from 'ioredis'
import type { RedisServer } from '../../test-support/redis/start-redis.ts'
import { createDirectory, type Directory } from './directory.ts'

/** One of several processes on one Redis and one store. */
interface Member {
  readonly syncline: Syncline
  /** Ends its connections. */
  close(): Promise<void>
}

export interface Fleet {
  readonly store: Store
  readonly directory: Directory
  readonly members: readonly [Member, Member]
  /** What they said was wrong, in order. */
  readonly said: readonly string[]
}

export interface FleetOptions {
  readonly cronSchedule: string
  readonly limits: LimitsInput
  readonly queue: Pick<BullmqQueueOptions, 'timeoutMs' | 'lockMs'>
  readonly observe?: (store: Store) => Store
}

/** In a hurry: what takes a minute takes half a second. Nothing is due by itself, tests say when. */
export const hurried = {
  cronSchedule: '0 0 1 1 *',
  limits: { leaseMs: 5_000, recoveryPollMs: 500, reconcileMs: 500, maxStaggerMs: 0, cacheTimeoutMs: 100 },
  queue: { timeoutMs: 500, lockMs: 1_000 },
}

/** Two started processes that use Redis for everything there is: jobs, schedules, the cache and the rate limits. */
export async function startFleet(redis: RedisServer, options: FleetOptions): Promise<Fleet> {
  const { cronSchedule, limits, observe = (store) => store } = options
  const directory = createDirectory()
  const store = observe(memoryStore())
  const said: string[] = []
  const say = (fields: object, message: string): void => {
    const error = 'error' in fields && fields.error instanceof Error ? fields.error.message : ''
    said.push(`${message} ${error}`)
  }
  const logger = { debug: () => {}, info: () => {}, warn: say, error: say }
  const join = async (): Promise<Member> => {
    const [cache, rateLimiter] = await Promise.all([
      openRedisCache({ url: redis.url }),
      openRedisRateLimiter({ url: redis.url, processes: 2 }),
    ])
    const queue = bullmqQueue({ connect: (more) => new Redis(redis.url, more), ...options.queue })
    const connectorTypes = [directory.connector]
    const syncline = createSyncline({ store, queue, cache, rateLimiter, connectorTypes, limits, logger })
    const close = async (): Promise<void> => {
      await Promise.all([queue.close(), cache.close(), rateLimiter.close()])
    }
    return { syncline, close }
  }
  const members = await Promise.all([join(), join()])
  const [{ syncline }] = members
  await syncline.connectors.save({ connectorId: 'acme', type: 'directory' })
  for (const resourceType of ['user', 'group']) {
    await syncline.configs.save({ connectorId: 'acme', resourceType, enabled: true, cronSchedule })
  }
  await Promise.all(members.map((member) => member.syncline.start()))
  return { store, directory, members, said }
}
